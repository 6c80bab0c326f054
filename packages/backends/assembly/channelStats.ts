// Means and reciprocal standard deviations of the channels of an image; sums in runs, so that no long float sum loses digits.
import { loadLanes, madd } from './madd';

/** Longest run of a column that is summed at once. */
export const RUN: i32 = 64;

/** Means and 1/√(variance + epsilon) of sixteen columns. */
function stats16(x: usize, step: usize, pixels: i32, epsilon: f32, mean: usize, root: usize): void {
  const zero = f32x4.splat(0), share = f32x4.splat(1 / <f32>pixels);
  let a = zero, b = zero, c = zero, d = zero;
  let p = x;
  for (let from = 0; from < pixels; from += RUN) {
    let e = zero, f = zero, g = zero, h = zero;
    for (let i = min(RUN, pixels - from); i > 0; i--) {
      e = f32x4.add(e, v128.load(p));
      f = f32x4.add(f, v128.load(p, 16));
      g = f32x4.add(g, v128.load(p, 32));
      h = f32x4.add(h, v128.load(p, 48));
      p += step;
    }
    a = f32x4.add(a, e); b = f32x4.add(b, f); c = f32x4.add(c, g); d = f32x4.add(d, h);
  }
  a = f32x4.mul(a, share); b = f32x4.mul(b, share); c = f32x4.mul(c, share); d = f32x4.mul(d, share);
  v128.store(mean, a); v128.store(mean, b, 16); v128.store(mean, c, 32); v128.store(mean, d, 48);
  let q = zero, r = zero, s = zero, t = zero;
  p = x;
  for (let from = 0; from < pixels; from += RUN) {
    let e = zero, f = zero, g = zero, h = zero;
    for (let i = min(RUN, pixels - from); i > 0; i--) {
      let u = f32x4.sub(v128.load(p), a);
      e = madd(u, u, e);
      u = f32x4.sub(v128.load(p, 16), b);
      f = madd(u, u, f);
      u = f32x4.sub(v128.load(p, 32), c);
      g = madd(u, u, g);
      u = f32x4.sub(v128.load(p, 48), d);
      h = madd(u, u, h);
      p += step;
    }
    q = f32x4.add(q, e); r = f32x4.add(r, f); s = f32x4.add(s, g); t = f32x4.add(t, h);
  }
  v128.store(root, rootOf(q, share, epsilon));
  v128.store(root, rootOf(r, share, epsilon), 16);
  v128.store(root, rootOf(s, share, epsilon), 32);
  v128.store(root, rootOf(t, share, epsilon), 48);
}

// @ts-ignore: decorator
@inline
function rootOf(squares: v128, share: v128, epsilon: f32): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(f32x4.mul(squares, share), f32x4.splat(epsilon))));
}

/** The same for the last one to four columns; what lies beyond counts as zero. */
function stats4(x: usize, step: usize, pixels: i32, epsilon: f32, mean: usize, root: usize, count: i32): void {
  const zero = f32x4.splat(0), share = f32x4.splat(1 / <f32>pixels);
  let a = zero, q = zero;
  let p = x;
  for (let from = 0; from < pixels; from += RUN) {
    let e = zero;
    for (let i = min(RUN, pixels - from); i > 0; i--) {
      e = f32x4.add(e, loadLanes(p, count));
      p += step;
    }
    a = f32x4.add(a, e);
  }
  a = f32x4.mul(a, share);
  p = x;
  for (let from = 0; from < pixels; from += RUN) {
    let e = zero;
    for (let i = min(RUN, pixels - from); i > 0; i--) {
      const u = f32x4.sub(loadLanes(p, count), a);
      e = madd(u, u, e);
      p += step;
    }
    q = f32x4.add(q, e);
  }
  v128.store(mean, a);
  v128.store(root, rootOf(q, share, epsilon));
}

/** Of the columns from … to-1 of x [pixels,C]. */
export function stats(x: usize, C: i32, from: i32, to: i32, pixels: i32, epsilon: f32, mean: usize, root: usize): void {
  const step = <usize>C << 2;
  let c = from;
  for (; c + 16 <= to; c += 16) {
    const at = <usize>c << 2;
    stats16(x + at, step, pixels, epsilon, mean + at, root + at);
  }
  for (; c < to; c += 4) {
    const at = <usize>c << 2;
    stats4(x + at, step, pixels, epsilon, mean + at, root + at, min(4, to - c));
  }
}
