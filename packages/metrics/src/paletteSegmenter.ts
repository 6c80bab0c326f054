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

/** The connected pieces (4 neighbours) of equal class; class -1 is skipped. */
function components(classes: Int16Array, width: number): { readonly kind: number; readonly pixels: readonly number[] }[] {
  const seen = new Uint8Array(classes.length);
  const found: { kind: number; pixels: number[] }[] = [];
  for (let start = 0; start < classes.length; start++) {
    const kind = classes[start]!;
    if (kind < 0 || seen[start]) continue;
    const pixels = [start];
    seen[start] = 1;
    for (let at = 0; at < pixels.length; at++) {
      const i = pixels[at]!;
      const x = i % width;
      for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
        if (next < 0 || next >= classes.length || seen[next] || classes[next] !== kind) continue;
        seen[next] = 1;
        pixels.push(next);
      }
    }
    found.push({ kind, pixels });
  }
  return found;
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
      return components(classes, width)
        .filter(({ pixels }) => pixels.length >= minArea * width * height)
        .map(({ kind, pixels }) => {
          const mask = new Uint8Array(width * height);
          for (const i of pixels) mask[i] = 1;
          return objectUnder(image, mask, colors[kind]!.label);
        });
    },
  };
}
