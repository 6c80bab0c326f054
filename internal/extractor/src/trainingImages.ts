import { createRng, type Rng } from '@spatialgan/core';
import { type ImageDataset, memoryDataset } from '@spatialgan/data';
import { type AvatarDataset, avatars, type AvatarStyleName } from '@spatialgan/data/avatars';
import { rooms } from '@spatialgan/data/rooms';
import { type ByteImage, resizeImage } from '@spatialgan/metrics';
import { degradations } from './degradations.js';

/** A bundled data set, one class of what is shown. */
export interface TrainingSource {
  readonly name: string;
  readonly dataset: ImageDataset;
  /** How often it is drawn from, relative to the others. */
  readonly weight: number;
  /** Where and how large the thing is, [x, y, scale]; absent where there is no such single thing. */
  placement?(index: number): readonly [number, number, number];
}

const side = 64;

function avatarSource(dataset: AvatarDataset, style: AvatarStyleName): TrainingSource {
  return {
    name: style, dataset, weight: style === 'fun-emoji' ? 2 : 1,
    placement(index) {
      const { x, y, scale } = dataset.placement(index);
      return [x, y, scale];
    },
  };
}

/** The data sets that the repository can draw. */
export async function trainingSources(seed: number, say: (text: string) => void): Promise<readonly TrainingSource[]> {
  const sources: TrainingSource[] = [];
  for (const style of ['fun-emoji', 'adventurer-neutral', 'big-smile', 'big-ears'] as const) {
    const dataset = await avatars({ resolution: side, count: style === 'fun-emoji' ? 6000 : 3000, seed, styles: [style] });
    say(`${dataset.name}: ${dataset.length} images`);
    sources.push(avatarSource(dataset, style));
  }
  const rendered = rooms({ resolution: side, count: 3000, seed });
  const images: Uint8Array[] = [];
  for (let i = 0; i < rendered.length; i++) images.push(await rendered.image(i)); // Once, not at every step.
  say(`rooms: ${images.length} images`);
  sources.push({ name: 'rooms', dataset: memoryDataset({ name: 'rooms', resolution: side, images }), weight: 2 });
  return sources;
}

/** One image to learn from, and what is known of it. */
export interface Example {
  /** [64,64,3] in [0, 255], maybe spoiled. */
  readonly pixels: Uint8Array;
  /** The image before it was spoiled, [16,16,3]. */
  readonly thumbnail: Uint8Array;
  readonly source: number;
  readonly placement: readonly [number, number, number] | null;
  /** 0: none; else 1 + number of the degradation. */
  readonly degradation: number;
  readonly level: number;
}

/** Half of the examples are shown as a 32-pixel image would be. */
const nativeSides = [side, side / 2] as const;

const resized = (image: ByteImage, to: number, filter: 'box' | 'bicubic'): ByteImage =>
  image.width === to ? image : resizeImage(image, { width: to, height: to, filter });

async function drawImage(sources: readonly TrainingSource[], rng: Rng): Promise<{ source: number; index: number; image: ByteImage }> {
  const total = sources.reduce((sum, { weight }) => sum + weight, 0);
  let rest = rng.uniform() * total;
  const source = Math.max(0, sources.findIndex(({ weight }) => (rest -= weight) < 0));
  const { dataset } = sources[source]!;
  const index = rng.integer(dataset.length);
  return { source, index, image: { data: await dataset.image(index), width: side, height: side, channels: 3 } };
}

/** Example `number` of a seed. */
export async function drawExample(sources: readonly TrainingSource[], seed: number, number: number): Promise<Example> {
  const rng = createRng(seed).split(`example:${number}`);
  const drawn = await drawImage(sources, rng.split('image'));
  const native = nativeSides[rng.integer(nativeSides.length)]!;
  const clean = resized(drawn.image, native, 'box');
  const methods = Object.values(degradations);
  const degradation = rng.uniform() < 0.35 ? 0 : 1 + rng.integer(methods.length);
  const level = degradation === 0 ? 0 : rng.uniform();
  const other = resized((await drawImage(sources, rng.split('other'))).image, native, 'box');
  const spoiled = degradation === 0 ? clean : methods[degradation - 1]!(clean, { level, rng: rng.split('degradation'), other });
  return {
    pixels: Uint8Array.from(resized(spoiled, side, 'bicubic').data),
    thumbnail: Uint8Array.from(resized(drawn.image, 16, 'box').data),
    source: drawn.source,
    placement: sources[drawn.source]!.placement?.(drawn.index) ?? null,
    degradation, level,
  };
}
