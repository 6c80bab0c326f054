/** RGB pixels, 8 bits, row-major. */
export interface RgbImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Images in [-1, 1], [H,W,3] or [H,W,1] row-major, as 8-bit RGB (rounded, as snapshot grids are). */
export function rgbOf(values: ArrayLike<number>, width: number, height: number): RgbImage {
  const channels = values.length / (width * height);
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    for (let k = 0; k < 3; k++) {
      const value = values[i * channels + Math.min(k, channels - 1)]!;
      pixels[i * 3 + k] = Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
    }
  }
  return { pixels, width, height };
}

/** Control points of a perceptually ordered map from dark violet over orange to pale yellow. */
const HEAT: readonly (readonly [number, number, number])[] = [
  [8, 6, 30], [74, 14, 106], [165, 44, 96], [236, 105, 37], [251, 180, 26], [252, 253, 191],
];

/** Heights in [0, 1] as colours. */
export function heatOf(values: ArrayLike<number>, width: number, height: number): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const at = Math.min(1, Math.max(0, values[i]!)) * (HEAT.length - 1);
    const low = Math.min(Math.floor(at), HEAT.length - 2);
    for (let k = 0; k < 3; k++) {
      const [a, b] = [HEAT[low]![k]!, HEAT[low + 1]![k]!];
      pixels[i * 3 + k] = Math.round(a + (b - a) * (at - low));
    }
  }
  return { pixels, width, height };
}

/** Nearest-neighbour enlargement by a whole factor. */
export function enlarge({ pixels, width, height }: RgbImage, factor: number): RgbImage {
  const out = new Uint8Array(pixels.length * factor * factor);
  const w = width * factor;
  for (let y = 0; y < height * factor; y++) {
    for (let x = 0; x < w; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 3;
      out.set(pixels.subarray(from, from + 3), (y * w + x) * 3);
    }
  }
  return { pixels: out, width: w, height: height * factor };
}

/** Lays images of one size out in rows; a missing image leaves its cell dark. */
export function imageGrid(rows: readonly (readonly (RgbImage | undefined)[])[], gap = 2): RgbImage {
  const cell = rows.flat().find((image) => image !== undefined);
  if (!cell) return { pixels: new Uint8Array(0), width: 0, height: 0 };
  const columns = Math.max(...rows.map((row) => row.length));
  const width = columns * (cell.width + gap) + gap;
  const height = rows.length * (cell.height + gap) + gap;
  const pixels = new Uint8Array(width * height * 3).fill(24);
  rows.forEach((row, r) =>
    row.forEach((image, c) => {
      if (!image) return;
      const left = gap + c * (cell.width + gap);
      const top = gap + r * (cell.height + gap);
      for (let y = 0; y < cell.height; y++) {
        const line = image.pixels.subarray(y * cell.width * 3, (y + 1) * cell.width * 3);
        pixels.set(line, ((top + y) * width + left) * 3);
      }
    }),
  );
  return { pixels, width, height };
}
