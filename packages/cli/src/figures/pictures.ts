import { image, type Tensor4D } from '@tensorflow/tfjs-core';
import { type HeatmapLayout, type RgbaImage, gaussianAxes, type Region } from '@spatialgan/schema';
import { overlay } from '@spatialgan/gradcam';
import { rgbOf, type RgbImage } from '@spatialgan/trainer';
import type { Mark } from './sheet.js';

/** Colors of levels 0, 1, 2 that colour-blind people tell apart (Okabe, Ito). */
export const levelColors = ['#d55e00', '#0072b2', '#009e73', '#cc79a7'] as const;
export const levelColor = (level: number): string => levelColors[level % levelColors.length]!;

/** RGB of RGBA. */
export function opaque({ pixels, width, height }: { readonly pixels: ArrayLike<number>; readonly width: number; readonly height: number }): RgbImage {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => pixels[Math.floor(i / 3) * 4 + (i % 3)]!);
  return { pixels: rgb, width, height };
}

/** Images [N,H,W,C] in [-1, 1]. */
export async function imagesOf(images: Tensor4D): Promise<readonly RgbImage[]> {
  const [N, H, W, C] = images.shape;
  const values = await images.data<'float32'>();
  return Array.from({ length: N }, (_, n) => rgbOf(values.subarray(n * H * W * C, (n + 1) * H * W * C), W, H));
}

/** Attention [N,h,w,1] in colour, over the images where they are given; smooth, so at 128 pixels at least. */
export async function heatsOf(maps: Tensor4D, images?: Tensor4D): Promise<readonly RgbImage[]> {
  const size = (images?.shape[1] ?? 1) * Math.max(1, Math.ceil(128 / (images?.shape[1] ?? 128)));
  const shown = images ? image.resizeNearestNeighbor(images, [size, size]) : null;
  try {
    const pictures = await overlay(shown, maps, { colorMap: 'inferno', ...(images ? { opacity: 0.9, fade: true } : { opacity: 1, fade: false }) });
    return pictures.map(({ data, width, height }) => opaque({ pixels: data, width, height }));
  } finally {
    shown?.dispose();
  }
}

/** The region's edge at one standard deviation; regions of other kinds than Gaussians have none. */
export function regionMark(region: Region, level: number, dashed = false): Mark {
  const covariance = region.kind === 'gaussian' ? region.covariance : ([0, 0, 0] as const);
  const { major, minor, angle } = gaussianAxes(covariance);
  return { kind: 'ellipse', x: region.center.x, y: region.center.y, rx: major, ry: minor, angle, color: levelColor(level), ...(dashed && { dashed }) };
}

/** Every region of a layout, faded ones left out. */
export const layoutMarks = (layout: HeatmapLayout, levels: readonly number[] = layout.levels.map((_, i) => i)): readonly Mark[] =>
  levels.flatMap((level) => (layout.levels[level]?.regions ?? []).filter(({ weight }) => weight > 0).map((region) => regionMark(region, level)));

/** An image as a runtime gives it. */
export const pictureOf = (rgba: RgbaImage): RgbImage => opaque(rgba);
