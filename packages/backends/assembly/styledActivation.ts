// What follows a styled convolution, clamp(lrelu(x·scale + noise + b)·gain), and its gradient: each one pass over the features.
import { loadLanes, storeLanes } from './madd';
import { gradColumns8 } from './styledColumns';

/** Longest run of a column that is summed at once. */
const RUN: i32 = 64;

/**
 * `rows` pixels of one image, each of C channels; in place or not. `scale` is the sample's row, `noise` the pixels' numbers, `b` the bias, each 0
 * for none; clamp is infinite for none. Products and sums are rounded one by one, wherever this is called from.
 */
export function styleRows(
  x: usize, out: usize, rows: i32, C: i32, scale: usize, noise: usize, b: usize, alpha: f32, gain: f32, clamp: f32,
): void {
  const a = f32x4.splat(alpha), g = f32x4.splat(gain), high = f32x4.splat(clamp), low = f32x4.splat(-clamp), zero = f32x4.splat(0);
  for (let i = 0; i < rows; i++) {
    const own = noise ? v128.load32_splat(noise + (<usize>i << 2)) : zero;
    let at: usize = 0, c = C;
    for (; c >= 8; c -= 8) {
      let v = v128.load(x), w = v128.load(x, 16);
      if (scale) {
        v = f32x4.mul(v, v128.load(scale + at));
        w = f32x4.mul(w, v128.load(scale + at, 16));
      }
      if (noise) {
        v = f32x4.add(v, own);
        w = f32x4.add(w, own);
      }
      if (b) {
        v = f32x4.add(v, v128.load(b + at));
        w = f32x4.add(w, v128.load(b + at, 16));
      }
      v = f32x4.mul(v128.bitselect(v, f32x4.mul(v, a), f32x4.gt(v, zero)), g);
      w = f32x4.mul(v128.bitselect(w, f32x4.mul(w, a), f32x4.gt(w, zero)), g);
      v128.store(out, f32x4.pmax(f32x4.pmin(v, high), low));
      v128.store(out, f32x4.pmax(f32x4.pmin(w, high), low), 16);
      x += 32; out += 32; at += 32;
    }
    for (; c > 0; c -= 4) {
      let v = loadLanes(x, c);
      if (scale) v = f32x4.mul(v, loadLanes(scale + at, c));
      if (noise) v = f32x4.add(v, own);
      if (b) v = f32x4.add(v, loadLanes(b + at, c));
      v = f32x4.mul(v128.bitselect(v, f32x4.mul(v, a), f32x4.gt(v, zero)), g);
      storeLanes(out, f32x4.pmax(f32x4.pmin(v, high), low), c);
      const step: usize = min(c, 4) << 2;
      x += step; out += step; at += step;
    }
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

/** Up to RUN pixels: dx, dnoise (0 for none) and, set, the sums over the pixels of g·x and g, C4 numbers each from `sums` on. */
function gradRun(
  dy: usize, x: usize, dx: usize, rows: i32, C: i32, scale: usize, noise: usize, dNoise: usize, b: usize, alpha: f32, gain: f32, clamp: f32,
  sums: usize,
): void {
  const row = <usize>((C + 3) & ~3) << 2;
  const up = f32x4.splat(gain), down = f32x4.splat(gain * alpha), limit = f32x4.splat(clamp), zero = f32x4.splat(0);
  memory.fill(sums, 0, 2 * row);
  if ((C & 7) == 0) {
    const parts = dNoise ? sums + 2 * row : 0;
    if (dNoise) memory.fill(parts, 0, <usize>rows << 4);
    for (let at: usize = 0; at < row; at += 32) {
      gradColumns8(
        dy + at, x + at, dx + at, rows, row, scale ? scale + at : 0, noise, parts, b ? b + at : 0, alpha, gain, clamp, sums + at, row,
      );
    }
    for (let i: usize = 0; dNoise && i < <usize>rows << 2; i += 4) f32.store(dNoise + i, total(v128.load(parts + (i << 2))));
    return;
  }
  for (let i = 0; i < rows; i++) {
    const own = noise ? v128.load32_splat(noise + (<usize>i << 2)) : zero;
    let at: usize = 0, across = zero;
    for (let c = C; c > 0; c -= 4) {
      const u = loadLanes(x, c);
      let v = u;
      if (scale) v = f32x4.mul(v, loadLanes(scale + at, c));
      if (noise) v = f32x4.add(v, own);
      if (b) v = f32x4.add(v, loadLanes(b + at, c));
      const slope = v128.bitselect(up, down, f32x4.gt(v, zero));
      const g = v128.and(f32x4.mul(loadLanes(dy, c), slope), f32x4.le(f32x4.abs(f32x4.mul(v, slope)), limit));
      storeLanes(dx, scale ? f32x4.mul(g, loadLanes(scale + at, c)) : g, c);
      if (scale) v128.store(sums + at, f32x4.add(v128.load(sums + at), f32x4.mul(g, u)));
      if (b) v128.store(sums + row + at, f32x4.add(v128.load(sums + row + at), g));
      across = f32x4.add(across, g);
      const step: usize = min(c, 4) << 2;
      x += step; dy += step; dx += step; at += 16;
    }
    if (dNoise) f32.store(dNoise + (<usize>i << 2), total(across));
  }
}

/**
 * The gradient for the pixels of a task of styledActivation. dNoise [N,pixels] (0 for none) is of each image; partial[task] = [Σ g·x, Σ g], C4
 * numbers each; `scratch`: 2·C4 numbers and a vector a pixel of a run, a thread.
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
