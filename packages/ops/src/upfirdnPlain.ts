import {
  add, depthwiseConv2d, fill, getBackend, mul, ones, pad, reshape, reverse, slice, type Tensor, type Tensor2D, type Tensor4D, tidy,
} from '@tensorflow/tfjs-core';
import { everyNth, interleave, window, zeroInsert } from './grids.js';

type Pair = readonly [number, number];

/** What an UPFIRDN2D kernel gets. Pairs are [y, x]. */
export interface UpfirdnAttrs {
  readonly up: Pair;
  readonly down: Pair;
  /** [top, bottom, left, right] around the upsampled x; may be negative. */
  readonly padding: readonly [number, number, number, number];
  /** Correlate with f; otherwise convolve (correlate with the mirrored f). */
  readonly correlate: boolean;
  /** Factor of the whole 2-D filter. */
  readonly gain: number;
  /** [H, W] of x, which the gradient needs. */
  readonly size: Pair;
}

/** [h, w] that {@link plainUpfirdn2d} yields for a filter of that size. */
export function upfirdnSize({ up, down, padding: [t, b, l, r], size }: UpfirdnAttrs, [fh, fw]: Pair): [number, number] {
  return [
    Math.floor((size[0] * up[0] + t + b - fh) / down[0]) + 1,
    Math.floor((size[1] * up[1] + l + r - fw) / down[1]) + 1,
  ];
}

/** Every s-th tap from the k-th on; at least one (a zero). */
function tapsFrom(f: Tensor2D, axis: 0 | 1, { k, s }: { readonly k: number; readonly s: number }): Tensor2D {
  if (s === 1) return f;
  const [fh, fw] = f.shape;
  const n = axis === 0 ? fh : fw;
  const count = Math.max(Math.ceil((n - k) / s), 1);
  const missing = k + count * s - n;
  const side: [number, number] = [0, Math.max(missing, 0)];
  const long = missing > 0 ? pad(f, axis === 0 ? [side, [0, 0]] : [[0, 0], side]) : f;
  return axis === 0
    ? reshape(slice(reshape(slice(long, [k, 0], [count * s, fw]), [count, s, fw]), [0, 0, 0], [count, 1, fw]), [count, fw])
    : reshape(slice(reshape(slice(long, [0, k], [fh, count * s]), [fh, count, s]), [0, 0, 0], [fh, count, 1]), [fh, count]);
}

/** Where a correlation reads and what it yields. */
interface Place {
  readonly offset: Pair;
  readonly out: Pair;
  readonly stride: Pair;
}

/**
 * Correlates every channel of x with f from an offset; h × w outputs.
 *
 * Large filters are cut into pieces of four taps: XNNPACK has fast depthwise kernels for 3 and 4 taps (0.8 ms where 16
 * taps take 28 ms at [16,35,35,64]).
 */
function correlate(x: Tensor4D, f: Tensor2D, at: Place): Tensor4D {
  const [fh, fw] = f.shape;
  if (fh * fw === 3 || fh * fw === 4) return depthwise(x, f, at);
  const tall = fw === 1;
  const pieces: Tensor4D[] = [];
  for (let row = 0; row < (tall ? 1 : fh); row++) {
    const n = tall ? fh : fw;
    for (let from = 0; from < n; from += 4) {
      const count = Math.min(4, n - from);
      const cut = tall ? slice(f, [from, 0], [count, 1]) : slice(f, [row, from], [1, count]);
      const missing: [number, number] = [0, Math.max(3 - count, 0)];
      const taps = missing[1] === 0 ? cut : pad(cut, tall ? [missing, [0, 0]] : [[0, 0], missing]);
      const offset: Pair = tall ? [at.offset[0] + from, at.offset[1]] : [at.offset[0] + row, at.offset[1] + from];
      pieces.push(depthwise(x, taps, { ...at, offset }));
    }
  }
  return pieces.reduce((a, b) => add(a, b));
}

function depthwise(x: Tensor4D, f: Tensor2D, { offset, out, stride }: Place): Tensor4D {
  const [, H, W, C] = x.shape;
  // libtensorflow refuses strides that differ.
  if (stride[0] !== stride[1] && getBackend() === 'tensorflow') {
    const all = [(out[0] - 1) * stride[0] + 1, (out[1] - 1) * stride[1] + 1] as const;
    return everyNth(depthwise(x, f, { offset, out: all, stride: [1, 1] }), stride, out);
  }
  const [fh, fw] = f.shape;
  const [top, left] = offset;
  const need = [(out[0] - 1) * stride[0] + fh, (out[1] - 1) * stride[1] + fw] as const;
  const pads = [-top, top + need[0] - H, -left, left + need[1] - W] as const;
  const cuts = pads.some((p) => p < 0);
  const seen = cuts ? window(x, offset, need) : x;
  const filter = mul(reshape(f, [fh, fw, 1, 1]), fill([1, 1, C, 1], 1)) as Tensor4D;
  const padding = cuts || pads.every((p) => p === 0) ? 'valid' as const : explicit(pads);
  return depthwiseConv2d(seen, filter, [...stride], padding as 'valid');
}

const explicit = ([t, b, l, r]: readonly [number, number, number, number]) => [[0, 0], [t, b], [l, r], [0, 0]];

/** One pass with a 2-D filter that already is the one to correlate with. */
function pass(x: Tensor4D, f: Tensor2D, attrs: UpfirdnAttrs): Tensor4D {
  const { up, down, padding: [t, , l] } = attrs;
  const [h, w] = upfirdnSize(attrs, f.shape);
  if (up[0] === 1 && up[1] === 1) return correlate(x, f, { offset: [-t, -l], out: [h, w], stride: down });
  if (down[0] !== 1 || down[1] !== 1) {
    const spread = zeroInsert(x, up);
    return correlate(spread, f, { offset: [-t, -l], out: [h, w], stride: down });
  }
  // Polyphase: output s·j + r sees only the taps k ≡ padding - r (mod s), so no zero is ever multiplied.
  const phases = (s: number, p0: number, out: number) => Array.from({ length: Math.min(s, out) }, (_, r) => {
    const k = (((p0 - r) % s) + s) % s;
    return { k, s, offset: (r + k - p0) / s };
  });
  const [ph, pw] = [Math.ceil(h / up[0]), Math.ceil(w / up[1])];
  const rows = phases(up[0], t, h).map((row) => {
    const taps = tapsFrom(f, 0, row);
    const columns = phases(up[1], l, w).map((column) =>
      correlate(x, tapsFrom(taps, 1, column), { offset: [row.offset, column.offset], out: [ph, pw], stride: [1, 1] }));
    return interleave(columns, 2);
  });
  return window(interleave(rows, 1), [0, 0], [h, w]);
}

/** Plain form of UPFIRDN2D: depthwise convolutions, one for a 2-D filter, two for a 1-D one. */
export function plainUpfirdn2d({ x, f }: Readonly<Record<string, Tensor>>, attrs: UpfirdnAttrs): Tensor4D {
  return tidy(() => {
    const given = f ?? ones([1, 1]);
    const turned = attrs.correlate ? given : reverse(given);
    const scaled = attrs.gain === 1 ? turned : mul(turned, attrs.gain);
    if (turned.rank === 2) return pass(x as Tensor4D, scaled as Tensor2D, attrs);
    const { up, down, padding: [t, b, l, r], size } = attrs;
    const n = turned.size;
    const wide = { ...attrs, up: [1, up[1]], down: [1, down[1]], padding: [0, 0, l, r] } as const;
    const [, width] = upfirdnSize(wide, [1, n]);
    const tall = { ...attrs, up: [up[0], 1], down: [down[0], 1], padding: [t, b, 0, 0], size: [size[0], width] } as const;
    return pass(pass(x as Tensor4D, reshape(scaled, [1, n]), wide), reshape(turned, [n, 1]), tall);
  });
}
