// What follows a styled convolution, clamp(lrelu(x·scale + noise + b)·gain), and its gradient: each one pass over the features.
import { loadLanes, storeLanes } from './madd';

/** Longest run of a column that is summed at once. */
const RUN: i32 = 64;

/** gain · lrelu(x·s + n + b), limited. Products and sums are rounded one by one, so that it does not matter who computes it. */
// @ts-ignore: decorator
@inline
function styled(x: v128, s: v128, n: v128, b: v128, alpha: v128, gain: v128, high: v128, low: v128): v128 {
  const v = f32x4.add(f32x4.add(f32x4.mul(x, s), n), b);
  return f32x4.pmax(f32x4.pmin(f32x4.mul(v128.bitselect(v, f32x4.mul(v, alpha), f32x4.gt(v, f32x4.splat(0))), gain), high), low);
}

// @ts-ignore: decorator
@inline
function noiseAt(noise: usize, i: i32): v128 {
  return noise ? v128.load32_splat(noise + (<usize>i << 2)) : f32x4.splat(0);
}

/** Pixels that are gone through for sixteen channels after another: they stay in the nearest cache, and memory is read nearly in order. */
const TILE: i32 = 16;

/** Sixteen channels of `rows` pixels. */
// @ts-ignore: decorator
@inline
function styleColumns16(
  x: usize, out: usize, step: usize, rows: i32, scale: usize, noise: usize, b: usize, a: v128, g: v128, high: v128, low: v128,
): void {
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  const s0 = scale ? v128.load(scale) : one, s1 = scale ? v128.load(scale, 16) : one, s2 = scale ? v128.load(scale, 32) : one, s3 = scale ? v128.load(scale, 48) : one;
  const b0 = b ? v128.load(b) : zero, b1 = b ? v128.load(b, 16) : zero, b2 = b ? v128.load(b, 32) : zero, b3 = b ? v128.load(b, 48) : zero;
  for (let i = 0; i < rows; i++) {
    const n = noiseAt(noise, i);
    v128.store(out, styled(v128.load(x), s0, n, b0, a, g, high, low));
    v128.store(out, styled(v128.load(x, 16), s1, n, b1, a, g, high, low), 16);
    v128.store(out, styled(v128.load(x, 32), s2, n, b2, a, g, high, low), 32);
    v128.store(out, styled(v128.load(x, 48), s3, n, b3, a, g, high, low), 48);
    x += step; out += step;
  }
}

/**
 * `rows` pixels of one image, each of C channels; in place or not. `scale` is the sample's row, `noise` the pixels' numbers, `b` the bias, each 0
 * for none; clamp is infinite for none.
 */
export function styleRows(
  x: usize, out: usize, rows: i32, C: i32, scale: usize, noise: usize, b: usize, alpha: f32, gain: f32, clamp: f32,
): void {
  const a = f32x4.splat(alpha), g = f32x4.splat(gain), high = f32x4.splat(clamp), low = f32x4.splat(-clamp), one = f32x4.splat(1), zero = f32x4.splat(0);
  const step = <usize>C << 2;
  for (let from = 0; from < rows; from += TILE) {
    const count = min(TILE, rows - from), own = noise ? noise + (<usize>from << 2) : 0;
    let c = 0;
    for (; c + 16 <= C; c += 16) {
      const at = <usize>c << 2;
      styleColumns16(x + at, out + at, step, count, scale ? scale + at : 0, own, b ? b + at : 0, a, g, high, low);
    }
    for (; c < C; c += 4) {
      const at = <usize>c << 2, left = C - c;
      const s = scale ? loadLanes(scale + at, left) : one, bias = b ? loadLanes(b + at, left) : zero;
      let p = x + at, q = out + at;
      for (let i = 0; i < count; i++) {
        storeLanes(q, styled(loadLanes(p, left), s, noiseAt(own, i), bias, a, g, high, low), left);
        p += step; q += step;
      }
    }
    x += <usize>count * step; out += <usize>count * step;
  }
}

/** Pixels [task % bands · bandRows, …) of image task / bands. noiseStep: numbers from image to image, 0 where they share the noise. */
export function styledActivation(
  x: usize, scale: usize, noise: usize, noiseStep: i32, b: usize, out: usize, pixels: i32, C: i32, alpha: f32, gain: f32, clamp: f32,
  bands: i32, bandRows: i32, task: i32, slot: i32,
): void {
  const n = task / bands, from = (task % bands) * bandRows;
  const at = (<usize>(n * pixels + from) * C) << 2;
  styleRows(
    x + at, out + at, min(bandRows, pixels - from), C, scale ? scale + ((<usize>n * C) << 2) : 0,
    noise ? noise + ((<usize>n * noiseStep + from) << 2) : 0, b, alpha, gain, clamp,
  );
}

// @ts-ignore: decorator
@inline
function total(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** dy · slope at v; 0 where the clamp holds. */
// @ts-ignore: decorator
@inline
function pulled(dy: v128, v: v128, up: v128, down: v128, limit: v128): v128 {
  const slope = v128.bitselect(up, down, f32x4.gt(v, f32x4.splat(0)));
  return v128.and(f32x4.mul(dy, slope), f32x4.le(f32x4.abs(f32x4.mul(v, slope)), limit));
}

// @ts-ignore: decorator
@inline
function increase(at: usize, v: v128): void {
  v128.store(at, f32x4.add(v128.load(at), v));
}

/** Sixteen channels of what has neither scale nor noise: dx and, added to `sums`, Σ g. */
// @ts-ignore: decorator
@inline
function slopeColumns16(dy: usize, x: usize, dx: usize, step: usize, rows: i32, b: usize, up: v128, down: v128, limit: v128, sums: usize): void {
  const zero = f32x4.splat(0);
  const b0 = b ? v128.load(b) : zero, b1 = b ? v128.load(b, 16) : zero, b2 = b ? v128.load(b, 32) : zero, b3 = b ? v128.load(b, 48) : zero;
  let p = v128.load(sums), q = v128.load(sums, 16), r = v128.load(sums, 32), t = v128.load(sums, 48);
  for (let i = 0; i < rows; i++) {
    let g = pulled(v128.load(dy), f32x4.add(v128.load(x), b0), up, down, limit);
    v128.store(dx, g);
    p = f32x4.add(p, g);
    g = pulled(v128.load(dy, 16), f32x4.add(v128.load(x, 16), b1), up, down, limit);
    v128.store(dx, g, 16);
    q = f32x4.add(q, g);
    g = pulled(v128.load(dy, 32), f32x4.add(v128.load(x, 32), b2), up, down, limit);
    v128.store(dx, g, 32);
    r = f32x4.add(r, g);
    g = pulled(v128.load(dy, 48), f32x4.add(v128.load(x, 48), b3), up, down, limit);
    v128.store(dx, g, 48);
    t = f32x4.add(t, g);
    x += step; dy += step; dx += step;
  }
  v128.store(sums, p); v128.store(sums, q, 16); v128.store(sums, r, 32); v128.store(sums, t, 48);
}

/** Up to four channels: dx and, added up, Σ g·x, Σ g, and Σ g over the channels (`across`, a vector a pixel, 0 for none). */
// @ts-ignore: decorator
@inline
function gradColumns4(
  dy: usize, x: usize, dx: usize, step: usize, rows: i32, s: v128, noise: usize, across: usize, bias: v128, up: v128, down: v128, limit: v128,
  products: usize, sums: usize, count: i32,
): void {
  let p = v128.load(products), r = v128.load(sums);
  for (let i = 0; i < rows; i++) {
    const u = loadLanes(x, count);
    const g = pulled(loadLanes(dy, count), f32x4.add(f32x4.add(f32x4.mul(u, s), noiseAt(noise, i)), bias), up, down, limit);
    storeLanes(dx, f32x4.mul(g, s), count);
    p = f32x4.add(p, f32x4.mul(g, u));
    r = f32x4.add(r, g);
    if (across) increase(across + (<usize>i << 4), g);
    x += step; dy += step; dx += step;
  }
  v128.store(products, p); v128.store(sums, r);
}

/** Eight channels likewise. */
// @ts-ignore: decorator
@inline
function gradColumns8(
  dy: usize, x: usize, dx: usize, step: usize, rows: i32, scale: usize, noise: usize, across: usize, b: usize, up: v128, down: v128, limit: v128,
  products: usize, sums: usize,
): void {
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  const s0 = scale ? v128.load(scale) : one, s1 = scale ? v128.load(scale, 16) : one, b0 = b ? v128.load(b) : zero, b1 = b ? v128.load(b, 16) : zero;
  let p = v128.load(products), q = v128.load(products, 16), r = v128.load(sums), t = v128.load(sums, 16);
  for (let i = 0; i < rows; i++) {
    const n = noiseAt(noise, i);
    const u = v128.load(x), v = v128.load(x, 16);
    const g = pulled(v128.load(dy), f32x4.add(f32x4.add(f32x4.mul(u, s0), n), b0), up, down, limit);
    const h = pulled(v128.load(dy, 16), f32x4.add(f32x4.add(f32x4.mul(v, s1), n), b1), up, down, limit);
    v128.store(dx, f32x4.mul(g, s0)); v128.store(dx, f32x4.mul(h, s1), 16);
    p = f32x4.add(p, f32x4.mul(g, u)); q = f32x4.add(q, f32x4.mul(h, v));
    r = f32x4.add(r, g); t = f32x4.add(t, h);
    if (across) increase(across + (<usize>i << 4), f32x4.add(g, h));
    x += step; dy += step; dx += step;
  }
  v128.store(products, p); v128.store(products, q, 16); v128.store(sums, r); v128.store(sums, t, 16);
}

/** Up to TILE pixels: dx, dnoise (0 for none) and, added to those from `sums` on, Σ g·x and Σ g, C4 numbers each. Behind them is room for TILE vectors. */
function gradTile(
  dy: usize, x: usize, dx: usize, rows: i32, C: i32, scale: usize, noise: usize, dNoise: usize, b: usize, up: v128, down: v128, limit: v128, sums: usize,
): void {
  const row = <usize>((C + 3) & ~3) << 2, step = <usize>C << 2;
  const across = dNoise ? sums + 2 * row : 0;
  if (across) memory.fill(across, 0, <usize>rows << 4);
  let c = 0;
  for (; !scale && !noise && c + 16 <= C; c += 16) {
    const at = <usize>c << 2;
    slopeColumns16(dy + at, x + at, dx + at, step, rows, b ? b + at : 0, up, down, limit, sums + row + at);
  }
  for (; c + 8 <= C; c += 8) {
    const at = <usize>c << 2;
    gradColumns8(dy + at, x + at, dx + at, step, rows, scale ? scale + at : 0, noise, across, b ? b + at : 0, up, down, limit, sums + at, sums + row + at);
  }
  for (; c < C; c += 4) {
    const at = <usize>c << 2, left = C - c;
    const s = scale ? loadLanes(scale + at, left) : f32x4.splat(1), bias = b ? loadLanes(b + at, left) : f32x4.splat(0);
    gradColumns4(dy + at, x + at, dx + at, step, rows, s, noise, across, bias, up, down, limit, sums + at, sums + row + at, left);
  }
  if (!dNoise) return;
  for (let i: usize = 0; i < <usize>rows; i++) f32.store(dNoise + (i << 2), total(v128.load(across + (i << 4))));
}

/** Up to RUN pixels, the sums set. */
function gradRun(
  dy: usize, x: usize, dx: usize, rows: i32, C: i32, scale: usize, noise: usize, dNoise: usize, b: usize, alpha: f32, gain: f32, clamp: f32,
  sums: usize,
): void {
  const up = f32x4.splat(gain), down = f32x4.splat(gain * alpha), limit = f32x4.splat(clamp);
  memory.fill(sums, 0, <usize>((C + 3) & ~3) << 3);
  for (let from = 0; from < rows; from += TILE) {
    const at = (<usize>from * C) << 2, pixel = <usize>from << 2;
    gradTile(
      dy + at, x + at, dx + at, min(TILE, rows - from), C, scale, noise ? noise + pixel : 0, dNoise ? dNoise + pixel : 0, b, up, down, limit, sums,
    );
  }
}

/**
 * The gradient for the pixels of a task of styledActivation. dNoise [N,pixels] (0 for none) is of each image; partial[task] = [Σ g·x, Σ g], C4
 * numbers each; `scratch`: 2·C4 numbers and TILE vectors a thread.
 */
export function styledActivationGrad(
  dy: usize, x: usize, scale: usize, noise: usize, noiseStep: i32, b: usize, dx: usize, dNoise: usize, partial: usize,
  pixels: i32, C: i32, alpha: f32, gain: f32, clamp: f32, bands: i32, bandRows: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const n = task / bands, first = (task % bands) * bandRows, last = min(pixels, first + bandRows);
  const both = <usize>((C + 3) & ~3) << 3;
  const own = scratch + <usize>slot * slotBytes, sums = partial + <usize>task * both;
  memory.fill(sums, 0, both);
  for (let from = first; from < last; from += RUN) {
    const at = (<usize>(n * pixels + from) * C) << 2;
    gradRun(
      dy + at, x + at, dx + at, min(RUN, last - from), C, scale ? scale + ((<usize>n * C) << 2) : 0,
      noise ? noise + ((<usize>n * noiseStep + from) << 2) : 0, dNoise ? dNoise + (<usize>(n * pixels + from) << 2) : 0, b, alpha, gain, clamp, own,
    );
    for (let i: usize = 0; i < both; i += 16) v128.store(sums + i, f32x4.add(v128.load(sums + i), v128.load(own + i)));
  }
}

/** Adds up the partial sums: dScale [N,C] and db [C], each 0 for none. */
export function styledActivationSums(partial: usize, dScale: usize, db: usize, N: i32, C: i32, bands: i32, task: i32, slot: i32): void {
  const row = <usize>((C + 3) & ~3) << 2;
  for (let c = 0; c < C; c += 4) {
    const at = <usize>c << 2;
    let all = f32x4.splat(0);
    for (let n = 0; n < N; n++) {
      let scale = f32x4.splat(0), bias = scale;
      for (let band = 0; band < bands; band++) {
        const p = partial + <usize>(n * bands + band) * 2 * row + at;
        scale = f32x4.add(scale, v128.load(p));
        bias = f32x4.add(bias, v128.load(p + row));
      }
      if (dScale) storeLanes(dScale + ((<usize>n * C) << 2) + at, scale, C - c);
      all = f32x4.add(all, bias);
    }
    if (db) storeLanes(db + at, all, C - c);
  }
}
