import type { NamedMaps } from '@spatialgan/core';
import type { RgbaImage } from '@spatialgan/schema';
import { heatOf, rgbOf, type RgbImage } from '@spatialgan/trainer';

function withAlpha({ pixels, width, height }: RgbImage): RgbaImage {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set(pixels.subarray(i * 3, i * 3 + 3), i * 4);
  return { pixels: rgba, width, height };
}

/** The first image of a batch [N,H,W,C] in [-1, 1]. */
export function rgbaImage(values: Float32Array, [, height, width, channels]: readonly number[]): RgbaImage {
  return withAlpha(rgbOf(values.subarray(0, height! * width! * channels!), width!, height!));
}

/** Attention maps [1,h,w,1], each stretched to its own range, as colours. */
export async function heatImages(maps: NamedMaps): Promise<Readonly<Record<string, RgbaImage>>> {
  const images: Record<string, RgbaImage> = {};
  for (const [name, map] of Object.entries(maps)) {
    const [, h, w] = map.shape;
    const values = (await map.data<'float32'>()).subarray(0, h * w);
    const peak = values.reduce((a, b) => Math.max(a, b), 0) || 1;
    images[name] = withAlpha(heatOf(values.map((v) => v / peak), w, h));
  }
  return images;
}
