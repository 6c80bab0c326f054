import { connectedPieces } from './connectedPieces.js';
import { objectUnder, type Segmenter } from './segmenter.js';

export interface PaletteEntry {
  readonly label: string;
  readonly rgb: readonly [number, number, number];
  /** Never an object, e.g. a wall. */
  readonly background?: boolean;
}

export interface PaletteSegmenterOptions {
  readonly colors: readonly PaletteEntry[];
  /** Smaller pieces are left out; a fraction of the image, default 0.002. */
  readonly minArea?: number;
}

/** Segments flatly colored images: each pixel takes the nearest color of the palette, connected pixels of one color are an object. */
export function paletteSegmenter({ colors, minArea = 0.002 }: PaletteSegmenterOptions): Segmenter {
  return {
    name: 'palette',
    version: colors.map(({ label, rgb, background }) => `${label}=${rgb.join(',')}${background ? '-' : ''}`).join(' '),
    segment(image) {
      const { data, channels, width, height } = image;
      const classes = Int16Array.from({ length: width * height }, (_, i) => {
        let [best, least] = [-1, Infinity];
        colors.forEach(({ rgb }, k) => {
          const distance = rgb.reduce((sum, value, c) => sum + (data[i * channels + c]! - value) ** 2, 0);
          if (distance < least) [best, least] = [k, distance];
        });
        return colors[best]?.background ? -1 : best;
      });
      return connectedPieces(classes, { width })
        .filter(({ pixels }) => pixels.length >= minArea * width * height)
        .map(({ kind, pixels }) => {
          const mask = new Uint8Array(width * height);
          for (const i of pixels) mask[i] = 1;
          return objectUnder(image, mask, colors[kind]!.label);
        });
    },
  };
}
