import { isSpatialGANError, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { assertIndex } from './assertIndex.js';
import { datasetLabels } from './datasetLabels.js';
import { datasetLicences } from './datasetLicences.js';
import { decodeImage, type ImageFit } from './decodeImage.js';
import { type ImageDataset } from './imageDataset.js';
import { type ImageSource } from './imageSource.js';

export interface FileDatasetOptions {
  /** Side in pixels that every image is brought to. */
  readonly resolution: number;
  /** Leave out files that do not decode (they are in `bad`), or throw; 'skip' by default. */
  readonly onBad?: 'skip' | 'refuse';
  /** How images that are not square become square; 'center-crop' by default. */
  readonly fit?: ImageFit;
  /** Use the labels of dataset.json, when there is one; true by default. */
  readonly labels?: boolean;
  /** Memory for decoded images, filled while they are checked; 512 MiB by default. */
  readonly cacheBytes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number; readonly bad: number }) => void;
}

export interface BadFile {
  readonly file: string;
  readonly reason: string;
}

/** Images of files, all of which decoded when the data set was opened. */
export interface FileDataset extends ImageDataset {
  /** Name of image `index`'s file is `files[index]`. */
  readonly files: readonly string[];
  /** What was left out, and why. */
  readonly bad: readonly BadFile[];
  dispose(): void;
}

interface Checked {
  readonly files: readonly string[];
  readonly bad: readonly BadFile[];
  readonly kept: ReadonlyMap<string, Uint8Array>;
}

const atOnce = 4;
const oneLine = (cause: unknown): string => (cause as Error).message.split('\n')[0]!;

/** Decodes every file once; keeps the pixels of the first ones, as many as fit. */
async function checkFiles(source: ImageSource, decode: (file: string) => Promise<Uint8Array>, options: FileDatasetOptions): Promise<Checked> {
  const { resolution, cacheBytes = 2 ** 29, signal, onProgress } = options;
  const room = Math.floor(cacheBytes / (resolution * resolution * 3));
  const total = source.files.length;
  const reasons = new Map<string, string>();
  const kept = new Map<string, Uint8Array>();
  let next = 0;
  let done = 0;
  const check = async (): Promise<void> => {
    while (next < total) {
      throwIfAborted(signal, `data set ${source.name}`);
      const file = source.files[next++]!;
      try {
        const pixels = await decode(file);
        if (kept.size < room) kept.set(file, pixels);
      } catch (cause) {
        if (isSpatialGANError(cause)) throw cause;
        reasons.set(file, oneLine(cause));
      }
      onProgress?.({ done: ++done, total, bad: reasons.size });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, check));
  const files = source.files.filter((file) => !reasons.has(file));
  const bad = source.files.filter((file) => reasons.has(file)).map((file) => ({ file, reason: reasons.get(file)! }));
  return { files, bad, kept };
}

function assertUsable(source: ImageSource, { files, bad }: Checked, onBad: 'skip' | 'refuse'): void {
  if (source.files.length === 0) {
    throw new SpatialGANError('DATA', `${source.name}: expected PNG, JPEG or WebP images, found none`);
  }
  if (bad.length === 0 || (onBad === 'skip' && files.length > 0)) return;
  const named = bad.slice(0, 10).map(({ file, reason }) => `${file} (${reason})`).join('; ');
  const more = bad.length > 10 ? `; and ${bad.length - 10} more` : '';
  throw new SpatialGANError('DATA', `${source.name}: ${bad.length} of ${source.files.length} images cannot be used: ${named}${more}; mend or remove them${files.length > 0 ? ", or have bad files skipped" : ''}`);
}

/** Checks a source and makes a data set of it, which owns the source. */
export async function fileDataset(source: ImageSource, options: FileDatasetOptions): Promise<FileDataset> {
  const { resolution, fit = 'center-crop', onBad = 'skip', labels: wanted = true } = options;
  try {
    if (!Number.isInteger(resolution) || resolution < 1 || resolution > 8192) {
      throw new SpatialGANError('CONFIG', `${source.name}: expected a resolution of 1 to 8192, got ${resolution}`);
    }
    const decode = async (file: string): Promise<Uint8Array> => decodeImage(await source.read(file), { resolution, fit });
    const labels = wanted && source.datasetJson !== undefined ? datasetLabels(source.name, source.datasetJson, source.files) : undefined;
    const checked = await checkFiles(source, decode, options);
    assertUsable(source, checked, onBad);
    const { files, bad, kept } = checked;
    const licences = datasetLicences(source.datasetJson);
    const check = (index: number): void => assertIndex(source.name, index, files.length);
    return {
      name: source.name, length: files.length, resolution, channels: 3, cDim: labels?.cDim ?? 0, files, bad,
      async image(index) {
        check(index);
        const file = files[index]!;
        return kept.get(file)?.slice() ?? decode(file).catch((cause: unknown) => {
          throw isSpatialGANError(cause) ? cause : new SpatialGANError('DATA', `${source.name}: ${file} was readable when the data was opened, now: ${oneLine(cause)}`, { cause });
        });
      },
      ...(licences.length > 0 && { licences }),
      ...(labels && { label: (index: number) => (check(index), labels.of(files[index]!)) }),
      dispose: () => source.dispose(),
    };
  } catch (cause) {
    source.dispose();
    throw cause;
  }
}
