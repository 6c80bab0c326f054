import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { SpatialGANError } from '@spatialgan/core';
import { encodePng } from '@spatialgan/data/node';
import { createLocalRuntime } from '@spatialgan/model';
import { type HeatmapLayout, type ModelInfo, type RgbaImage, validateLayout } from '@spatialgan/schema';
import { enlarge, imageGrid, type RgbImage } from '@spatialgan/trainer';
import { openBackend } from '../openBackend.js';
import { openModel } from '../openModel.js';
import type { Output } from '../output.js';

export interface SampleOptions {
  readonly model?: string;
  readonly seeds: string;
  readonly truncation: number;
  readonly layout?: string;
  readonly layoutSeed?: number;
  /** Of a conditional model. */
  readonly class?: number;
  readonly scale: number;
  readonly out: string;
  readonly backend: string;
}

/** '0-3,8' → [0, 1, 2, 3, 8]. */
export function parseSeeds(text: string): readonly number[] {
  const seeds = text.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!match) throw new SpatialGANError('CONFIG', `--seeds: expected numbers and ranges such as 0-15,20, got '${text}'`);
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last < first || last - first >= 10_000) {
      throw new SpatialGANError('CONFIG', `--seeds: expected an ascending range of at most 10000, got '${part}'`);
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return seeds;
}

async function readLayout(path: string): Promise<HeatmapLayout> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SpatialGANError('LAYOUT', `--layout: expected a JSON file, cannot read '${path}'`, { cause });
  });
  try {
    return validateLayout(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new SpatialGANError('LAYOUT', `${path}: expected JSON: ${cause.message}`, { cause });
    throw cause;
  }
}

/** @throws SpatialGANError 'CONFIG' when the model has no such class. */
function labelOf({ labels = 0 }: ModelInfo, number: number | undefined): { readonly label?: readonly number[] } {
  if (number === undefined) return {};
  if (number >= labels) {
    throw new SpatialGANError('CONFIG', `--class: expected ${labels === 0 ? 'a conditional model' : `a class from 0 to ${labels - 1}`}, got ${labels === 0 ? 'one without labels; leave it out' : number}`);
  }
  return { label: Array.from({ length: labels }, (_, i) => (i === number ? 1 : 0)) };
}

function opaque({ pixels, width, height }: RgbaImage): RgbImage {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(pixels.subarray(i * 4, i * 4 + 3), i * 3);
  return { pixels: rgb, width, height };
}

/** Writes a grid of one image per seed; each seed draws its own layout unless one is given. */
export async function sample(options: SampleOptions, output: Output): Promise<number> {
  const seeds = parseSeeds(options.seeds);
  const given = options.layout === undefined ? undefined : await readLayout(options.layout);
  const stored = await openModel(options.model, output.warn);
  const backend = await openBackend(options.backend);
  const runtime = createLocalRuntime(stored, { backend: backend.backend });
  try {
    const label = labelOf(runtime.info, options.class);
    const images: RgbImage[] = [];
    for (const seed of seeds) {
      const layout = given ?? (await runtime.sampleLayout(options.layoutSeed ?? seed));
      const image = await runtime.synthesize({ latent: { kind: 'seed', seed }, layout, truncationPsi: options.truncation, ...label });
      images.push(enlarge(opaque(image), options.scale));
    }
    const columns = Math.ceil(Math.sqrt(images.length));
    const rows = Array.from({ length: Math.ceil(images.length / columns) }, (_, r) => images.slice(r * columns, (r + 1) * columns));
    await writeFileAtomic(options.out, await encodePng(imageGrid(rows)));
    output.info(`${options.out}: ${images.length} image${images.length === 1 ? '' : 's'} of ${stored.config.name} (backend ${backend.backend})`);
    return 0;
  } finally {
    await runtime.dispose();
    backend.dispose();
  }
}
