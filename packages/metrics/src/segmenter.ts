import type { Awaitable } from '@spatialgan/core';
import type { ByteImage } from '@spatialgan/data';

/** One thing in an image. */
export interface SegmentedObject {
  /** 1 where the object is, [height, width]. */
  readonly mask: Uint8Array;
  /** Pixels of the mask. */
  readonly area: number;
  /** Mean place of its pixels' middles, in [0, 1], x right, y down. */
  readonly center: { readonly x: number; readonly y: number };
  /** What tells it from others after it moved: the same length for all of a segmenter, compared by Euclidean distance. */
  readonly appearance: Float32Array;
  readonly label?: string;
}

/** Finds the objects of an image; a plugin. */
export interface Segmenter {
  readonly name: string;
  readonly version: string;
  segment(image: ByteImage): Awaitable<readonly SegmentedObject[]>;
}

const binsPerChannel = 4;

/** Mean color, spread and a 4×4×4 color histogram of the pixels under a mask. */
function describe({ data, channels }: ByteImage, mask: Uint8Array): Float32Array {
  const moments = new Float64Array(6);
  const histogram = new Float64Array(binsPerChannel ** 3);
  let area = 0;
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    area++;
    let bin = 0;
    for (let c = 0; c < 3; c++) {
      const value = data[i * channels + Math.min(c, channels - 1)]! / 255;
      moments[c]! += value;
      moments[3 + c]! += value * value;
      bin = bin * binsPerChannel + Math.min(binsPerChannel - 1, Math.floor(value * binsPerChannel));
    }
    histogram[bin]!++;
  }
  const mean = [0, 1, 2].map((c) => moments[c]! / area);
  const spread = mean.map((m, c) => Math.sqrt(Math.max(0, moments[3 + c]! / area - m * m)));
  return Float32Array.from([...mean, ...spread, ...histogram.map((count) => count / area)]);
}

/**
 * The object under a mask: its center, and colors as its appearance.
 *
 * @param mask 1 where it is, [height, width], at least one pixel; kept.
 */
export function objectUnder(image: ByteImage, mask: Uint8Array, label?: string): SegmentedObject {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    area++;
    x += (i % image.width) + 0.5;
    y += Math.floor(i / image.width) + 0.5;
  }
  const center = { x: x / area / image.width, y: y / area / image.height };
  return { mask, area, center, appearance: describe(image, mask), ...(label !== undefined && { label }) };
}

/** The smallest object with a pixel at a point in [0, 1]², or null. */
export function objectAt(objects: readonly SegmentedObject[], point: { readonly x: number; readonly y: number }, image: ByteImage): SegmentedObject | null {
  const [column, row] = [Math.floor(point.x * image.width), Math.floor(point.y * image.height)];
  if (column < 0 || row < 0 || column >= image.width || row >= image.height) return null;
  const under = objects.filter(({ mask }) => mask[row * image.width + column]);
  return under.reduce<SegmentedObject | null>((best, each) => (best && best.area <= each.area ? best : each), null);
}

/** The object that looks most like another, or null when there is none. */
export function mostSimilar(objects: readonly SegmentedObject[], like: SegmentedObject): SegmentedObject | null {
  let best: SegmentedObject | null = null;
  let least = Infinity;
  for (const each of objects) {
    const distance = each.appearance.reduce((sum, value, i) => sum + (value - like.appearance[i]!) ** 2, 0);
    if (distance < least) [best, least] = [each, distance];
  }
  return best;
}
