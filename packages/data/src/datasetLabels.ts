import { SpatialGANError } from '@spatialgan/core';

/** Labels by file name. */
export interface DatasetLabels {
  readonly cDim: number;
  of(file: string): Float32Array;
}

/** A class, or a vector. */
export type Label = number | readonly number[];

const isClass = (label: unknown): label is number => Number.isInteger(label) && (label as number) >= 0 && (label as number) < 1e6;
const isVector = (label: unknown): label is readonly number[] =>
  Array.isArray(label) && label.length > 0 && label.every((value) => typeof value === 'number' && Number.isFinite(value));

function parse(where: string, json: string): Map<string, Label> | undefined {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new SpatialGANError('DATA', `${where}: dataset.json ${reason}; mend it or open the data with labels: false`, { cause });
  };
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch (cause) {
    refuse('is not JSON', cause);
  }
  const list = (content as { labels?: unknown } | null)?.labels;
  if (list === undefined || list === null) return undefined;
  if (!Array.isArray(list)) return refuse('needs "labels" to be a list of [file, label]');
  const labels = new Map<string, Label>();
  for (const entry of list as unknown[]) {
    const [file, label] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof file !== 'string' || !(isClass(label) || isVector(label))) {
      return refuse(`has an entry that is no [file, class number or list of numbers]: ${JSON.stringify(entry)?.slice(0, 80)}`);
    }
    labels.set(file.replaceAll('\\', '/'), label);
  }
  return labels.size > 0 ? labels : undefined;
}

/**
 * Reads the labels of StyleGAN2-ADA's `dataset.json` as they stand there.
 *
 * @returns undefined when the file states no labels.
 * @throws SpatialGANError 'DATA' when it is malformed, mixes kinds or leaves out one of `files`.
 */
export function rawLabels(where: string, json: string, files: readonly string[]): ReadonlyMap<string, Label> | undefined {
  const labels = parse(where, json);
  if (!labels) return undefined;
  const missing = files.filter((file) => !labels.has(file));
  if (missing.length > 0) {
    throw new SpatialGANError('DATA', `${where}: dataset.json has no label for ${missing.length} of ${files.length} images, ${missing[0]} first; mend it or open the data with labels: false`);
  }
  const sizes = new Set(files.map((file) => labels.get(file)!).map((label) => (typeof label === 'number' ? 'class' : label.length)));
  if (sizes.size > 1) {
    throw new SpatialGANError('DATA', `${where}: dataset.json mixes labels of different kinds (${[...sizes].join(', ')}); mend it or open the data with labels: false`);
  }
  return labels;
}

/**
 * Reads StyleGAN2-ADA's `dataset.json`: class numbers become one-hot vectors, lists stay as they are.
 *
 * @returns undefined when the file states no labels.
 * @throws SpatialGANError 'DATA' as {@link rawLabels}.
 */
export function datasetLabels(where: string, json: string, files: readonly string[]): DatasetLabels | undefined {
  const labels = rawLabels(where, json, files);
  if (!labels) return undefined;
  const used = files.map((file) => labels.get(file)!);
  const [first] = used;
  const cDim = Array.isArray(first) ? first.length : used.reduce<number>((top, label) => Math.max(top, label as number), 0) + 1;
  return {
    cDim,
    of(file) {
      const label = labels.get(file)!;
      if (typeof label !== 'number') return Float32Array.from(label);
      const hot = new Float32Array(cDim);
      hot[label] = 1;
      return hot;
    },
  };
}
