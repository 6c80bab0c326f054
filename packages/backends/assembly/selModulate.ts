// Instance normalization, then a scale and a shift per pixel (the core of SEL_norm), with its gradient; sums in runs, so that
// no long float sum loses digits.
import { loadLanes, storeLanes } from './madd';

/** Longest run of a column that is summed at once. */
const RUN: i32 = 64;

// @ts-ignore: decorator
@inline
function total(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

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
      e = f32x4.add(e, f32x4.mul(u, u));
      u = f32x4.sub(v128.load(p, 16), b);
      f = f32x4.add(f, f32x4.mul(u, u));
      u = f32x4.sub(v128.load(p, 32), c);
      g = f32x4.add(g, f32x4.mul(u, u));
      u = f32x4.sub(v128.load(p, 48), d);
      h = f32x4.add(h, f32x4.mul(u, u));
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
      e = f32x4.add(e, f32x4.mul(u, u));
      p += step;
    }
    q = f32x4.add(q, e);
  }
  v128.store(mean, a);
  v128.store(root, rootOf(q, share, epsilon));
}

function stats(x: usize, C: i32, from: i32, to: i32, pixels: i32, epsilon: f32, mean: usize, root: usize): void {
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

/** Sixteen channels (task % groups) of one image (task / groups): out = (x - mean) / std · scale + shift. `scratch`: 2·C4 numbers a thread. */
export function selModulate(
  x: usize, scale: usize, shift: usize, out: usize, pixels: i32, C: i32, epsilon: f32, groups: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const n = task / groups, from = (task % groups) << 4, to = min(C, from + 16);
  const image = (<usize>n * pixels * C) << 2, step = <usize>C << 2;
  const mean = scratch + <usize>slot * slotBytes, root = mean + (<usize>((C + 3) & ~3) << 2);
  stats(x + image, C, from, to, pixels, epsilon, mean, root);
  let s = scale + ((<usize>n * pixels) << 2), t = shift + ((<usize>n * pixels) << 2);
  let p = x + image, q = out + image;
  for (let i = 0; i < pixels; i++) {
    const a = v128.load32_splat(s), b = v128.load32_splat(t);
    for (let c = from; c < to; c += 4) {
      const at = <usize>c << 2, count = to - c;
      const norm = f32x4.mul(f32x4.sub(loadLanes(p + at, count), v128.load(mean + at)), v128.load(root + at));
      storeLanes(q + at, f32x4.add(f32x4.mul(norm, a), b), count);
    }
    p += step; q += step; s += 4; t += 4;
  }
}

/** The gradient of one image by x, scale and shift. `scratch`: 6·C4 numbers a thread. */
export function selModulateGrad(
  x: usize, scale: usize, dy: usize, dx: usize, dScale: usize, dShift: usize, pixels: i32, C: i32, epsilon: f32,
  scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const image = (<usize>task * pixels * C) << 2, step = <usize>C << 2, map = (<usize>task * pixels) << 2;
  const row = <usize>((C + 3) & ~3) << 2;
  const mean = scratch + <usize>slot * slotBytes, root = mean + row;
  const runA = root + row, runB = runA + row, sumA = runB + row, sumB = sumA + row;
  stats(x + image, C, 0, C, pixels, epsilon, mean, root);
  memory.fill(sumA, 0, 2 * row);
  let p = x + image, d = dy + image, s = scale + map, ds = dScale + map, dt = dShift + map;
  for (let from = 0; from < pixels; from += RUN) {
    memory.fill(runA, 0, 2 * row);
    for (let i = min(RUN, pixels - from); i > 0; i--) {
      const a = v128.load32_splat(s);
      let u = f32x4.splat(0), v = u;
      for (let c = 0; c < C; c += 4) {
        const at = <usize>c << 2, count = C - c;
        const g = loadLanes(d + at, count);
        const norm = f32x4.mul(f32x4.sub(loadLanes(p + at, count), v128.load(mean + at)), v128.load(root + at));
        const product = f32x4.mul(g, norm);
        u = f32x4.add(u, product);
        v = f32x4.add(v, g);
        v128.store(runA + at, f32x4.add(v128.load(runA + at), f32x4.mul(g, a)));
        v128.store(runB + at, f32x4.add(v128.load(runB + at), f32x4.mul(product, a)));
      }
      f32.store(ds, total(u));
      f32.store(dt, total(v));
      p += step; d += step; s += 4; ds += 4; dt += 4;
    }
    for (let at: usize = 0; at < row; at += 16) {
      v128.store(sumA + at, f32x4.add(v128.load(sumA + at), v128.load(runA + at)));
      v128.store(sumB + at, f32x4.add(v128.load(sumB + at), v128.load(runB + at)));
    }
  }
  const share = f32x4.splat(1 / <f32>pixels);
  for (let at: usize = 0; at < 2 * row; at += 16) v128.store(sumA + at, f32x4.mul(v128.load(sumA + at), share));
  p = x + image; d = dy + image; s = scale + map;
  let q = dx + image;
  for (let i = 0; i < pixels; i++) {
    const a = v128.load32_splat(s);
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2, count = C - c;
      const r = v128.load(root + at);
      const norm = f32x4.mul(f32x4.sub(loadLanes(p + at, count), v128.load(mean + at)), r);
      const g = f32x4.sub(f32x4.mul(loadLanes(d + at, count), a), v128.load(sumA + at));
      storeLanes(q + at, f32x4.mul(r, f32x4.sub(g, f32x4.mul(norm, v128.load(sumB + at)))), count);
    }
    p += step; d += step; q += step; s += 4;
  }
}
