import { SpatialGANError } from '@spatialgan/core';
import { type Kernel, kernels, type ResizeFilter } from './filters.js';

/** An 8-bit image, row-major, channels last. */
export interface ByteImage {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

export interface ResizeOptions {
  readonly width: number;
  readonly height: number;
  /** A filter with 8-bit results. */
  readonly filter: keyof typeof kernels;
}

/** Fixed-point weights of one axis: output i reads `counts[i]` inputs from `starts[i]` on. */
interface AxisWeights {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** [length, taps], times 2²². */
  readonly weights: Int32Array;
}

const bits = 22; // 32 minus 8 for the pixel and 2 for the kernel's overshoot, as in Pillow

function axisWeights(from: number, to: number, { support, weight }: Kernel): AxisWeights {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const taps = Math.ceil(reach) * 2 + 1;
  const [starts, counts, weights] = [new Int32Array(to), new Int32Array(to), new Int32Array(to * taps)];
  const row = new Float64Array(taps);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const count = Math.min(from, Math.trunc(center + reach + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += row[k] = weight((k + start - center + 0.5) / stretch);
    for (let k = 0; k < count; k++) {
      const fixed = (row[k]! / sum) * 2 ** bits;
      weights[i * taps + k] = Math.trunc(fixed + (fixed < 0 ? -0.5 : 0.5));
    }
    [starts[i], counts[i]] = [start, count];
  }
  return { taps, starts, counts, weights };
}

/** Strides of an axis: outputs along it lie `step` apart, lines of it are counted by the callers' two loops. */
function resampleLine(
  source: ArrayLike<number>,
  target: Uint8Array,
  { axis, from, to, step }: { axis: AxisWeights; from: number; to: number; step: number },
): void {
  const { taps, starts, counts, weights } = axis;
  for (let i = 0; i < starts.length; i++) {
    let sum = 1 << (bits - 1);
    const first = from + starts[i]! * step;
    for (let k = 0; k < counts[i]!; k++) sum += source[first + k * step]! * weights[i * taps + k]!;
    target[to + i * step] = Math.min(255, Math.max(0, sum >> bits));
  }
}

function resampleRows({ data, width, height, channels }: ByteImage, to: number, kernel: Kernel): ByteImage {
  const out = new Uint8Array(to * height * channels);
  const axis = axisWeights(width, to, kernel);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      resampleLine(data, out, { axis, from: y * width * channels + c, to: y * to * channels + c, step: channels });
    }
  }
  return { data: out, width: to, height, channels };
}

function resampleColumns({ data, width, height, channels }: ByteImage, to: number, kernel: Kernel): ByteImage {
  const out = new Uint8Array(width * to * channels);
  const axis = axisWeights(height, to, kernel);
  const step = width * channels;
  for (let x = 0; x < step; x++) resampleLine(data, out, { axis, from: x, to: x, step });
  return { data: out, width, height: to, channels };
}

/**
 * Resizes an image as Pillow's `Image.resize` does: the kernel widens with the reduction, rows before columns, 22-bit
 * fixed-point weights, 8 bits in between. An axis that keeps its length is left alone.
 *
 * @throws SpatialGANError 'SHAPE' when data and size disagree or a size is not a positive integer.
 */
export function resizeImage(image: ByteImage, { width, height, filter }: ResizeOptions): ByteImage {
  const { data, channels } = image;
  if (data.length !== image.width * image.height * channels) {
    throw new SpatialGANError('SHAPE', `resizeImage: expected ${image.width}·${image.height}·${channels} bytes, got ${data.length}`);
  }
  if (![width, height].every((side) => Number.isInteger(side) && side > 0)) {
    throw new SpatialGANError('SHAPE', `resizeImage: expected positive sides, got ${width}×${height}`);
  }
  const kernel = kernels[filter];
  const wide = image.width === width ? image : resampleRows(image, width, kernel);
  const done = wide.height === height ? wide : resampleColumns(wide, height, kernel);
  return done === image ? { ...image, data: data.slice() } : done;
}

/** TensorFlow 1's `resize_bilinear`: corner of pixel 0 on corner of pixel 0, no antialiasing, no rounding. */
function resizeTensorFlow({ data, width, height, channels }: ByteImage, side: number): Float32Array {
  const out = new Float32Array(side * side * channels);
  const at = (i: number, length: number): { low: number; high: number; part: number } => {
    const place = Math.fround(i * Math.fround(length / side));
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, length - 1), part: place - low };
  };
  const columns = Array.from({ length: side }, (_, x) => at(x, width));
  for (let y = 0; y < side; y++) {
    const { low, high, part } = at(y, height);
    for (let x = 0; x < side; x++) {
      const { low: left, high: right, part: across } = columns[x]!;
      for (let c = 0; c < channels; c++) {
        const value = (row: number, column: number): number => data[(row * width + column) * channels + c]!;
        const top = value(low, left) + (value(low, right) - value(low, left)) * across;
        const bottom = value(high, left) + (value(high, right) - value(high, left)) * across;
        out[(y * side + x) * channels + c] = top + (bottom - top) * part;
      }
    }
  }
  return out;
}

/** Brings an image to a square side by any filter; values stay in [0, 255]. */
export function resizeToFloat(image: ByteImage, side: number, filter: ResizeFilter): Float32Array {
  if (filter === 'tf-bilinear') return resizeTensorFlow(image, side);
  if (filter === 'none') {
    if (image.width === side && image.height === side) return Float32Array.from(image.data);
    throw new SpatialGANError('SHAPE', `resizeToFloat: expected ${side}×${side} without a filter, got ${image.width}×${image.height}`);
  }
  return Float32Array.from(resizeImage(image, { width: side, height: side, filter }).data);
}
