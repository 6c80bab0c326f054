import { roomGamma } from '@spatialgan/data/rooms';
import type { ByteImage } from '@spatialgan/data';

const linear = Float64Array.from({ length: 256 }, (_, byte) => (byte / 255) ** roomGamma);

/** 1 where the pixel and its eight neighbours have one label. */
function pureOf(labels: Uint8Array, width: number, height: number): Uint8Array {
  const pure = new Uint8Array(labels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let same = 1;
      for (let dy = -1; dy <= 1 && same; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if (nx >= 0 && ny >= 0 && nx < width && ny < height && labels[ny * width + nx] !== labels[y * width + x]) same = 0;
        }
      }
      pure[y * width + x] = same;
    }
  }
  return pure;
}

/** Rows and columns that are looked at around a pixel. */
const reach = 2;
/** How far amounts of two colors may be from a sum of 1: smaller is looser. */
const looseness = 0.005;
/** What a mixture is set back by when a color in it was seen only mixed itself. */
const unsureOff = 0.003;

/** Colors around a pixel by label, of pixels whose neighbours show the same; where there are none, of the most typical one. */
interface Surroundings {
  readonly colors: Float64Array;
  /** Weight gathered for each label; 0 where it is not around. */
  readonly counts: Float64Array;
  /** Infinity where the color is of unmixed pixels; else how typical the one pixel is. */
  readonly extremes: Float64Array;
}

function lookAround(image: LinearImage, [column, row]: readonly [number, number], into: Surroundings): void {
  const { labels, pure, rgb, chroma, width, height } = image;
  const { colors, counts, extremes } = into;
  colors.fill(0);
  counts.fill(0);
  extremes.fill(-Infinity);
  for (let y = Math.max(0, row - reach); y <= Math.min(height - 1, row + reach); y++) {
    for (let x = Math.max(0, column - reach); x <= Math.min(width - 1, column + reach); x++) {
      const i = y * width + x;
      const label = labels[i]!;
      const typical = label === 0 ? -chroma[i]! : chroma[i]!;
      if (pure[i]) {
        if (extremes[label] !== Infinity) counts[label] = colors[3 * label] = colors[3 * label + 1] = colors[3 * label + 2] = 0;
        extremes[label] = Infinity;
      } else if (typical <= extremes[label]!) continue;
      else {
        extremes[label] = typical;
        counts[label] = colors[3 * label] = colors[3 * label + 1] = colors[3 * label + 2] = 0;
      }
      const weight = 1 / ((x - column) ** 2 + (y - row) ** 2 + 0.25) ** 2;
      counts[label]! += weight;
      for (let c = 0; c < 3; c++) colors[3 * label + c]! += weight * rgb[3 * i + c]!;
    }
  }
  for (let label = 0; label < counts.length; label++) {
    for (let c = 0; c < 3 && counts[label]; c++) colors[3 * label + c]! /= counts[label]!;
  }
}

/** An image in linear light, with what its pixels' own colors speak for. */
interface LinearImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Float64Array;
  /** Largest minus least channel. */
  readonly chroma: Float64Array;
  readonly labels: Uint8Array;
  readonly pure: Uint8Array;
}

function linearImage({ data, channels, width, height }: ByteImage, labels: Uint8Array): LinearImage {
  const size = width * height;
  const [rgb, chroma] = [new Float64Array(3 * size), new Float64Array(size)];
  for (let i = 0; i < size; i++) {
    const [r, g, b] = [0, 1, 2].map((c) => linear[data[i * channels + Math.min(c, channels - 1)]!]!) as [number, number, number];
    rgb.set([r, g, b], 3 * i);
    chroma[i] = Math.max(r, g, b) - Math.min(r, g, b);
  }
  return { width, height, rgb, chroma, labels, pure: pureOf(labels, width, height) };
}

/**
 * Amounts of colors a and b in a pixel that lies between them, and how far from such a mixture it is.
 *
 * Beside an object its surroundings are darker than a little further off, and a thing's own parts are not all as bright, so
 * amounts are held only loosely to a sum of 1: which of them is larger still tells what covers most of the pixel.
 */
function amountsOf(rgb: Float64Array, i: number, colors: Float64Array, [a, b]: readonly [number, number]): { readonly ofA: number; readonly ofB: number; readonly off: number } {
  let [aa, ab, bb, ca, cb] = [0, 0, 0, 0, 0];
  for (let c = 0; c < 3; c++) {
    const [x, y, pixel] = [colors[3 * a + c]!, colors[3 * b + c]!, rgb[3 * i + c]!];
    aa += x * x;
    ab += x * y;
    bb += y * y;
    ca += pixel * x;
    cb += pixel * y;
  }
  const hold = looseness * bb;
  const determinant = (aa + hold) * (bb + hold) - (ab + hold) ** 2;
  const clamped = (value: number): number => Math.min(1, Math.max(0, value));
  const ofA = determinant > 0 ? clamped(((ca + hold) * (bb + hold) - (cb + hold) * (ab + hold)) / determinant) : 0.5;
  const ofB = bb > 0 ? clamped((cb - ofA * ab + hold * (1 - ofA)) / (bb + hold)) : 0;
  let off = hold * (ofA + ofB - 1) ** 2;
  for (let c = 0; c < 3; c++) off += (rgb[3 * i + c]! - ofA * colors[3 * a + c]! - ofB * colors[3 * b + c]!) ** 2;
  return { ofA, ofB, off };
}

/**
 * Gives pixels at borders the label that covers most of them: in linear light they are mixtures of what lies around.
 *
 * @param labels [height, width], below `numLabels`; 0 is the background. Borrowed.
 */
export function refineBorders(image: ByteImage, labels: Uint8Array, numLabels: number): Uint8Array {
  const shown = linearImage(image, labels);
  const refined = labels.slice();
  const around: Surroundings = { colors: new Float64Array(3 * numLabels), counts: new Float64Array(numLabels), extremes: new Float64Array(numLabels) };
  for (let i = 0; i < labels.length; i++) {
    if (shown.pure[i]) continue;
    lookAround(shown, [i % image.width, Math.floor(i / image.width)], around);
    let least = Infinity;
    for (let a = 0; a < numLabels; a++) {
      for (let b = 0; b < a; b++) {
        if (!around.counts[a] || !around.counts[b]) continue;
        const { ofA, ofB, off } = amountsOf(shown.rgb, i, around.colors, [a, b]);
        const unsure = around.extremes[a] === Infinity && around.extremes[b] === Infinity ? 0 : unsureOff;
        if (off + unsure >= least) continue;
        least = off + unsure;
        refined[i] = ofA >= ofB ? a : b;
      }
    }
  }
  return refined;
}
