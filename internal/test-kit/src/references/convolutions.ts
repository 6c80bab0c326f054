import { array64, type Array64, at, build } from '../array64.js';

type Four = readonly [number, number, number, number];
const dims = (x: Array64): Four => x.shape as unknown as Four;

/** Correlation by its definition; padding [t,b,l,r] may be negative. */
export function conv2dReference(x: Array64, f: Array64, { stride = 1, padding = [0, 0, 0, 0] as Four } = {}): Array64 {
  const [N, H, W] = dims(x);
  const [kh, kw, I, O] = dims(f);
  const [t, b, l, r] = padding;
  const [h, w] = [Math.floor((H + t + b - kh) / stride) + 1, Math.floor((W + l + r - kw) / stride) + 1];
  return build([N, h, w, O], ([n, i, j, o]) => {
    let sum = 0;
    for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) for (let c = 0; c < I; c++) {
      sum += at(x, n!, i! * stride + u - t, j! * stride + v - l, c) * at(f, u, v, c, o!);
    }
    return sum;
  });
}

/** Zero insertion, then true convolution, by its definition. */
export function convTransposeReference(x: Array64, f: Array64, { stride = 1, padding = [0, 0, 0, 0] as Four } = {}): Array64 {
  const [N, h, w] = dims(x);
  const [kh, kw, I, O] = dims(f);
  const [t, b, l, r] = padding;
  const out = array64([N, (h - 1) * stride + kh - t - b, (w - 1) * stride + kw - l - r, O]);
  const [, H, W] = dims(out);
  for (let n = 0; n < N; n++) for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) {
    const [y, z] = [i * stride + u - t, j * stride + v - l];
    if (y < 0 || z < 0 || y >= H || z >= W) continue;
    for (let c = 0; c < I; c++) for (let o = 0; o < O; o++) {
      out.data[((n * H + y) * W + z) * O + o]! += at(x, n, i, j, c) * at(f, u, v, c, o);
    }
  }
  return out;
}

/** Options of {@link upfirdnReference}; pairs and padding x first, as upfirdn2d takes them. */
export interface UpfirdnReferenceOptions {
  readonly up?: readonly [number, number];
  readonly down?: readonly [number, number];
  readonly padding?: Four;
  readonly correlate?: boolean;
  readonly gain?: number;
}

/** upfirdn2d by its definition; f is 2-D. */
export function upfirdnReference(x: Array64, f: Array64, options: UpfirdnReferenceOptions = {}): Array64 {
  const { up = [1, 1], down = [1, 1], padding: [x0, x1, y0, y1] = [0, 0, 0, 0], correlate = false, gain = 1 } = options;
  const [N, H, W, C] = dims(x);
  const [fh, fw] = f.shape as [number, number];
  const h = Math.floor((H * up[1] + y0 + y1 - fh) / down[1]) + 1;
  const w = Math.floor((W * up[0] + x0 + x1 - fw) / down[0]) + 1;
  return build([N, h, w, C], ([n, i, j, c]) => {
    let sum = 0;
    for (let u = 0; u < fh; u++) for (let v = 0; v < fw; v++) {
      const [y, z] = [i! * down[1] + u - y0, j! * down[0] + v - x0];
      if (y < 0 || z < 0 || y % up[1] || z % up[0]) continue;
      sum += at(x, n!, y / up[1], z / up[0], c!) * (correlate ? at(f, u, v) : at(f, fh - 1 - u, fw - 1 - v));
    }
    return sum * gain;
  });
}

/** Outer product of taps with themselves, normalized to sum one. */
export function outerFilter(taps: readonly number[]): Array64 {
  const total = taps.reduce((a, b) => a + b, 0);
  return build([taps.length, taps.length], ([i, j]) => (taps[i!]! * taps[j!]!) / total ** 2);
}

/** Turns a filter's kernel round. */
export const turned = (f: Array64): Array64 => {
  const [kh, kw] = dims(f);
  return build(f.shape, ([u, v, i, o]) => at(f, kh - 1 - u!, kw - 1 - v!, i!, o!));
};

/** conv2dResample in its plain order: zero insertion, padding, filter, convolution, filter, decimation. up and down not both. */
export function convResampleReference(x: Array64, f: Array64, options: { readonly taps: readonly number[]; readonly up?: number; readonly down?: number; readonly padding: number; readonly flipWeight?: boolean }): Array64 {
  const { taps, up = 1, down = 1, padding: p, flipWeight = true } = options;
  const w = flipWeight ? f : turned(f);
  if (up === 1 && down === 1) return conv2dReference(x, w, { padding: [p, p, p, p] });
  const fir = outerFilter(taps);
  const n = taps.length;
  const [a, b] = up > 1 ? [Math.floor((n + up - 1) / 2), Math.floor((n - up) / 2)] : [Math.floor((n - down + 1) / 2), Math.floor((n - down) / 2)];
  const low = upfirdnReference(x, fir, { up: [up, up], padding: [p + a, p + b, p + a, p + b], gain: up * up });
  return conv2dReference(low, w, { stride: down });
}
