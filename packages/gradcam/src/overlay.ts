import { image, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { type ColorMap, colorTable } from './colorMaps.js';
import { minMaxNormalize } from './minMaxNormalize.js';

/** Pixels as a canvas takes them. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  /** Row by row, 4 bytes a pixel. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Options of {@link overlay}. */
export interface OverlayOptions {
  /** Default `inferno`. */
  readonly colorMap?: ColorMap;
  /** Share of the map's colour where attention is highest, in [0, 1]. Default 0.6. */
  readonly opacity?: number;
  /** Whether places of low attention show more of the image (default), or the colour lies over all of it evenly. */
  readonly fade?: boolean;
}

/**
 * Lays attention over the images in colour: per sample, the map scaled to [0, 1] and enlarged to the image.
 *
 * @param images [N,H,W,3] or [N,H,W,1] in [-1, 1]; or null for the colours alone, at the map's size.
 * @param map [N,h,w,1].
 * @throws SpatialGANError 'SHAPE' when the two do not belong together; 'CONFIG' on an unknown colour map.
 */
export async function overlay(images: Tensor4D | null, map: Tensor4D, options: OverlayOptions = {}): Promise<readonly RgbaImage[]> {
  const { colorMap = 'inferno', opacity = 0.6, fade = true } = options;
  const table = colorTable(colorMap);
  const [N, h, w, one] = map.shape;
  const [n, H, W, C] = images?.shape ?? [N, h, w, 3];
  if (n !== N || one !== 1 || (C !== 1 && C !== 3)) {
    throw new SpatialGANError('SHAPE', `overlay: expected images [${N},H,W,3 or 1] and a map [${N},h,w,1], got [${images?.shape ?? ''}] and [${map.shape}]`);
  }
  const enlarged = tidy(() => image.resizeBilinear(minMaxNormalize(map), [H, W], true));
  const [heat, pixels] = await Promise.all([enlarged.data(), images?.data()]);
  enlarged.dispose();
  return Array.from({ length: N }, (_, sample) => {
    const data = new Uint8ClampedArray(H * W * 4);
    for (let i = 0; i < H * W; i++) {
      const value = heat[sample * H * W + i]!;
      const share = pixels ? opacity * (fade ? value : 1) : 1;
      const entry = Math.round(value * 255) * 3;
      for (let c = 0; c < 3; c++) {
        const below = pixels ? (pixels[(sample * H * W + i) * C + (C === 1 ? 0 : c)]! + 1) * 127.5 : 0;
        data[i * 4 + c] = below + (table[entry + c]! - below) * share;
      }
      data[i * 4 + 3] = 255;
    }
    return { width: W, height: H, data };
  });
}

/** Paints a picture on a canvas, setting its size. */
export function drawOn(canvas: HTMLCanvasElement | OffscreenCanvas, { width, height, data }: RgbaImage): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  if (!context) throw new SpatialGANError('CONFIG', 'drawOn: expected a canvas with a 2d context, got one that is used otherwise; give a fresh one');
  context.putImageData(new ImageData(data, width, height), 0, 0);
}
