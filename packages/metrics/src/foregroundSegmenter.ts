import { connectedPieces } from './connectedPieces.js';
import type { ByteImage } from '@spatialgan/data';
import { objectUnder, type Segmenter } from './segmenter.js';

export interface ForegroundSegmenterOptions {
  /** How far from the background's color a pixel is of an object, Euclidean in RGB of 0 to 255; default 40. */
  readonly threshold?: number;
  /** Smallest object, as a share of the image; default 0.01. */
  readonly minArea?: number;
}

/** color = a + b·y of one channel over the border, by least squares; places far off are left out in three further rounds. */
function borderFit({ data, width, height, channels }: ByteImage, c: number): { at: (y: number) => number } {
  const samples: (readonly [y: number, value: number])[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1)) {
      samples.push([y, data[(y * width + x) * channels + Math.min(c, channels - 1)]!]);
    }
  }
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  let kept = samples;
  let [a, b] = [median(samples.map(([, value]) => value)), 0];
  for (let round = 0; round < 4; round++) {
    const errors = samples.map(([y, value]) => Math.abs(value - a - b * y));
    const near = Math.max(6, 2 * median(errors));
    kept = samples.filter((_, i) => errors[i]! <= near);
    const [my, mv] = [0, 1].map((k) => kept.reduce((sum, sample) => sum + sample[k]!, 0) / kept.length) as [number, number];
    const spread = kept.reduce((sum, [y]) => sum + (y - my) ** 2, 0);
    b = spread > 0 ? kept.reduce((sum, [y, value]) => sum + (y - my) * (value - mv), 0) / spread : 0;
    a = mv - b * my;
  }
  return { at: (y) => a + b * y };
}

/**
 * Finds what stands out from a plain background, such as the one face of an avatar: pixels far from a vertical color
 * gradient that is fitted to the image's border, by connected part.
 *
 * It needs a background of one soft color; where images have none, give a segmenter that knows them.
 */
export function foregroundSegmenter({ threshold = 40, minArea = 0.01 }: ForegroundSegmenterOptions = {}): Segmenter {
  return {
    name: 'foreground', version: `1 threshold=${threshold} minArea=${minArea}`,
    segment(image) {
      const { data, width, height, channels } = image;
      const background = [0, 1, 2].map((c) => borderFit(image, c));
      const classes = Int16Array.from({ length: width * height }, (_, i) => {
        const y = Math.floor(i / width);
        const square = background.reduce((sum, fit, c) => sum + (data[i * channels + Math.min(c, channels - 1)]! - fit.at(y)) ** 2, 0);
        return square > threshold * threshold ? 0 : -1;
      });
      const pieces = connectedPieces(classes, { width }).filter(({ pixels }) => pixels.length >= minArea * width * height);
      return pieces.map(({ pixels }) => {
        const own = new Uint8Array(width * height);
        for (const i of pixels) own[i] = 1;
        return objectUnder(image, own);
      });
    },
  };
}
