import { type Array64, at, build } from '../array64.js';
import { convResampleReference } from './convolutions.js';

type Four = readonly [number, number, number, number];
const dims = (x: Array64): Four => x.shape as unknown as Four;

/** Instance normalization with biased variance. */
export function instanceNormReference(x: Array64, epsilon = 1e-5): Array64 {
  const [N, h, w, C] = dims(x);
  const mean = build([N, C], ([n, c]) => {
    let sum = 0;
    for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) sum += at(x, n!, i, j, c!);
    return sum / (h * w);
  });
  const variance = build([N, C], ([n, c]) => {
    let sum = 0;
    for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) sum += (at(x, n!, i, j, c!) - at(mean, n!, c!)) ** 2;
    return sum / (h * w);
  });
  return build(x.shape, ([n, i, j, c]) => (at(x, n!, i!, j!, c!) - at(mean, n!, c!)) / Math.sqrt(at(variance, n!, c!) + epsilon));
}

/** IN(x)·scale + shift with one-channel maps. */
export const selModulateReference = (x: Array64, scale: Array64, shift: Array64): Array64 => {
  const normal = instanceNormReference(x);
  return build(x.shape, ([n, i, j, c]) => at(normal, n!, i!, j!, c!) * at(scale, n!, i!, j!, 0) + at(shift, n!, i!, j!, 0));
};

/** Bilinear interpolation with aligned corners. */
export function resizeReference(x: Array64, [h, w]: readonly [number, number]): Array64 {
  const [N, H, W, C] = dims(x);
  const place = (i: number, out: number, size: number): readonly [number, number] => {
    const p = out > 1 ? (i * (size - 1)) / (out - 1) : 0;
    const low = Math.min(Math.floor(p), Math.max(size - 2, 0));
    return [low, p - low];
  };
  return build([N, h, w, C], ([n, i, j, c]) => {
    const [y, a] = place(i!, h, H);
    const [z, b] = place(j!, w, W);
    const row = (r: number): number => (1 - b) * at(x, n!, r, z, c!) + b * at(x, n!, r, z + 1, c!);
    return (1 - a) * row(y) + a * row(y + 1);
  });
}

/** Minibatch standard deviation, sample i in group i mod (N/G). */
export function minibatchStdReference(x: Array64, G: number, F = 1): Array64 {
  const [N, h, w, C] = dims(x);
  const M = N / G;
  const per = C / F;
  const statistic = build([M, F], ([m, f]) => {
    let total = 0;
    for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) for (let c = f! * per; c < (f! + 1) * per; c++) {
      const group = Array.from({ length: G }, (_, g) => at(x, g * M + m!, i, j, c));
      const mean = group.reduce((a, b) => a + b, 0) / G;
      total += Math.sqrt(group.reduce((a, b) => a + (b - mean) ** 2, 0) / G + 1e-8);
    }
    return total / (h * w * per);
  });
  return build([N, h, w, C + F], ([n, i, j, c]) => (c! < C ? at(x, n!, i!, j!, c!) : at(statistic, n! % M, c! - C)));
}

/** Second-moment normalization along the last axis of a matrix. */
export const normalizeReference = (x: Array64): Array64 => {
  const [, C] = x.shape as [number, number];
  return build(x.shape, ([i, j]) => {
    let sum = 0;
    for (let c = 0; c < C; c++) sum += at(x, i!, c) ** 2;
    return at(x, i!, j!) / Math.sqrt(sum / C + 1e-8);
  });
};

/** Per-sample filters by their definition (turned round where x is enlarged), for styles [N,I] or [N,h,w,I] (features times map, demodulated by its mean). */
export function modulatedReference(x: Array64, weight: Array64, styles: Array64, { demodulate = true, padding = 1, up = 1, taps = [1] as readonly number[] } = {}): Array64 {
  const [N, h, w, I] = dims(x);
  const [kh, kw, , O] = dims(weight);
  const spatial = styles.shape.length === 4;
  const mean = (n: number, c: number): number => {
    if (!spatial) return at(styles, n, c);
    let sum = 0;
    for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) sum += at(styles, n, i, j, c);
    return sum / (h * w);
  };
  const scaled = build(x.shape, ([n, i, j, c]) => at(x, n!, i!, j!, c!) * (spatial ? at(styles, n!, i!, j!, c!) : at(styles, n!, c!)));
  const plain = convResampleReference(scaled, weight, { up, taps, padding, flipWeight: up === 1 });
  if (!demodulate) return plain;
  const norm = build([N, O], ([n, o]) => {
    let sum = 1e-8;
    for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) for (let c = 0; c < I; c++) sum += (at(weight, u, v, c, o!) * mean(n!, c)) ** 2;
    return Math.sqrt(sum);
  });
  return build(plain.shape, ([n, i, j, o]) => at(plain, n!, i!, j!, o!) / at(norm, n!, o!));
}

/** Bilinear sampling, zeros outside, align_corners=False. */
export function gridSampleReference(x: Array64, grid: Array64): Array64 {
  const [N, H, W, C] = dims(x);
  const [, h, w] = dims(grid);
  return build([N, h, w, C], ([n, i, j, c]) => {
    const z = ((at(grid, n!, i!, j!, 0) + 1) * W - 1) / 2;
    const y = ((at(grid, n!, i!, j!, 1) + 1) * H - 1) / 2;
    const [y0, z0] = [Math.floor(y), Math.floor(z)];
    let sum = 0;
    for (const u of [0, 1]) for (const v of [0, 1]) {
      sum += at(x, n!, y0 + u, z0 + v, c!) * (u ? y - y0 : 1 - y + y0) * (v ? z - z0 : 1 - z + z0);
    }
    return sum;
  });
}
