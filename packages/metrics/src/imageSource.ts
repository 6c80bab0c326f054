import { createRng } from '@spatialgan/core';
import type { ByteImage, ImageDataset } from '@spatialgan/data';

/** Images by index, as 8-bit RGB; pure: an index always gives the same image, whatever it is read together with. */
export interface ImageSource {
  readonly name: string;
  /** Infinity for a generator. */
  readonly length: number;
  /** What the images were drawn from; null when nothing was drawn. */
  readonly seed: number | null;
  read(indices: readonly number[]): Promise<readonly ByteImage[]>;
  /** Statistics of this source may be cached, under a key made from its pixels. */
  readonly cacheable: boolean;
}

/** The images of a data set. */
export function datasetImages(dataset: ImageDataset): ImageSource {
  const { name, length, resolution, channels } = dataset;
  return {
    name, length, seed: null, cacheable: true,
    read: (indices) => Promise.all(indices.map(async (i) => ({ data: await dataset.image(i), width: resolution, height: resolution, channels }))),
  };
}

/**
 * `count` indices of a source: all of them, or, when there are more, a random choice that follows from the seed alone.
 */
export function chooseIndices(length: number, count: number, seed: number): readonly number[] {
  const wanted = Math.min(count, length);
  if (length === Infinity || wanted === length) return Array.from({ length: wanted }, (_, i) => i);
  const rng = createRng(seed).split('choice');
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = 0; i < wanted; i++) {
    const j = i + rng.integer(length - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return [...order.subarray(0, wanted)];
}
