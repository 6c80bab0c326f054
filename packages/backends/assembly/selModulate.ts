// Instance normalization, then a scale and a shift per pixel (the core of SEL_norm), with its gradient.
import { RUN, stats } from './channelStats';
import { loadLanes, madd, storeLanes } from './madd';

// @ts-ignore: decorator
@inline
function total(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** out = (x - mean)·root·scale + shift for sixteen columns. */
function modulate16(x: usize, scale: usize, shift: usize, out: usize, step: usize, pixels: i32, mean: usize, root: usize): void {
  const m0 = v128.load(mean), m1 = v128.load(mean, 16), m2 = v128.load(mean, 32), m3 = v128.load(mean, 48);
  const r0 = v128.load(root), r1 = v128.load(root, 16), r2 = v128.load(root, 32), r3 = v128.load(root, 48);
  for (const end = scale + (<usize>pixels << 2); scale < end; scale += 4) {
    const a = v128.load32_splat(scale), b = v128.load32_splat(shift);
    v128.store(out, madd(f32x4.mul(f32x4.sub(v128.load(x), m0), r0), a, b));
    v128.store(out, madd(f32x4.mul(f32x4.sub(v128.load(x, 16), m1), r1), a, b), 16);
    v128.store(out, madd(f32x4.mul(f32x4.sub(v128.load(x, 32), m2), r2), a, b), 32);
    v128.store(out, madd(f32x4.mul(f32x4.sub(v128.load(x, 48), m3), r3), a, b), 48);
    x += step; out += step; shift += 4;
  }
}

/** The same for the last one to four. */
function modulate4(x: usize, scale: usize, shift: usize, out: usize, step: usize, pixels: i32, mean: usize, root: usize, count: i32): void {
  const m = v128.load(mean), r = v128.load(root);
  for (const end = scale + (<usize>pixels << 2); scale < end; scale += 4) {
    const norm = f32x4.mul(f32x4.sub(loadLanes(x, count), m), r);
    storeLanes(out, madd(norm, v128.load32_splat(scale), v128.load32_splat(shift)), count);
    x += step; out += step; shift += 4;
  }
}

/**
 * One image (task / shares): out = (x - mean) / std · scale + shift, of its sixteens of channels every `shares`-th. `scratch`: 2·C4 numbers
 * a thread.
 */
export function selModulate(
  x: usize, scale: usize, shift: usize, out: usize, pixels: i32, C: i32, epsilon: f32, shares: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const n = task / shares;
  const image = (<usize>n * pixels * C) << 2, step = <usize>C << 2;
  const mean = scratch + <usize>slot * slotBytes, root = mean + (<usize>((C + 3) & ~3) << 2);
  const s = scale + ((<usize>n * pixels) << 2), t = shift + ((<usize>n * pixels) << 2);
  for (let from = (task % shares) << 4; from < C; from += shares << 4) {
    const to = min(C, from + 16), first = <usize>from << 2;
    stats(x + image, C, from, to, pixels, epsilon, mean, root);
    if (to - from == 16) {
      modulate16(x + image + first, s, t, out + image + first, step, pixels, mean + first, root + first);
      continue;
    }
    for (let c = from; c < to; c += 4) {
      const at = <usize>c << 2;
      modulate4(x + image + at, s, t, out + image + at, step, pixels, mean + at, root + at, to - c);
    }
  }
}

/**
 * Eight channels of a run of pixels: adds Σ dy·scale and Σ dy·norm·scale to `a` and `b`, dy·norm and dy to the two vectors a pixel of
 * `parts`.
 */
export function gradSums8(x: usize, dy: usize, scale: usize, step: usize, pixels: i32, mean: usize, root: usize, a: usize, b: usize, parts: usize): void {
  const m0 = v128.load(mean), m1 = v128.load(mean, 16), r0 = v128.load(root), r1 = v128.load(root, 16);
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0;
  for (const end = scale + (<usize>pixels << 2); scale < end; scale += 4) {
    const s = v128.load32_splat(scale);
    const g = v128.load(dy), h = v128.load(dy, 16);
    const p = f32x4.mul(g, f32x4.mul(f32x4.sub(v128.load(x), m0), r0)), q = f32x4.mul(h, f32x4.mul(f32x4.sub(v128.load(x, 16), m1), r1));
    a0 = madd(g, s, a0); a1 = madd(h, s, a1);
    b0 = madd(p, s, b0); b1 = madd(q, s, b1);
    v128.store(parts, f32x4.add(v128.load(parts), f32x4.add(p, q)));
    v128.store(parts, f32x4.add(v128.load(parts, 16), f32x4.add(g, h)), 16);
    x += step; dy += step; parts += 32;
  }
  v128.store(a, f32x4.add(v128.load(a), a0)); v128.store(a, f32x4.add(v128.load(a, 16), a1), 16);
  v128.store(b, f32x4.add(v128.load(b), b0)); v128.store(b, f32x4.add(v128.load(b, 16), b1), 16);
}

/** The same for the last one to four. */
function gradSums4(
  x: usize, dy: usize, scale: usize, step: usize, pixels: i32, mean: usize, root: usize, a: usize, b: usize, parts: usize, count: i32,
): void {
  const m = v128.load(mean), r = v128.load(root);
  let sumA = f32x4.splat(0), sumB = sumA;
  for (const end = scale + (<usize>pixels << 2); scale < end; scale += 4) {
    const s = v128.load32_splat(scale), g = loadLanes(dy, count);
    const p = f32x4.mul(g, f32x4.mul(f32x4.sub(loadLanes(x, count), m), r));
    sumA = madd(g, s, sumA);
    sumB = madd(p, s, sumB);
    v128.store(parts, f32x4.add(v128.load(parts), p));
    v128.store(parts, f32x4.add(v128.load(parts, 16), g), 16);
    x += step; dy += step; parts += 32;
  }
  v128.store(a, f32x4.add(v128.load(a), sumA));
  v128.store(b, f32x4.add(v128.load(b), sumB));
}

/** dx = root·(dy·scale - a - norm·b) for eight channels of a run of pixels, a and b being means. */
export function gradInput8(x: usize, dy: usize, dx: usize, scale: usize, step: usize, pixels: i32, mean: usize, root: usize, a: usize, b: usize): void {
  const m0 = v128.load(mean), m1 = v128.load(mean, 16), r0 = v128.load(root), r1 = v128.load(root, 16);
  const a0 = v128.load(a), a1 = v128.load(a, 16), b0 = v128.load(b), b1 = v128.load(b, 16);
  for (const end = scale + (<usize>pixels << 2); scale < end; scale += 4) {
    const s = v128.load32_splat(scale);
    const p = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(x), m0), r0), b0), q = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(x, 16), m1), r1), b1);
    v128.store(dx, f32x4.mul(r0, f32x4.sub(f32x4.sub(f32x4.mul(v128.load(dy), s), a0), p)));
    v128.store(dx, f32x4.mul(r1, f32x4.sub(f32x4.sub(f32x4.mul(v128.load(dy, 16), s), a1), q)), 16);
    x += step; dy += step; dx += step;
  }
}

/** The same for the last one to four. */
function gradInput4(
  x: usize, dy: usize, dx: usize, scale: usize, step: usize, pixels: i32, mean: usize, root: usize, a: usize, b: usize, count: i32,
): void {
  const m = v128.load(mean), r = v128.load(root), meanA = v128.load(a), meanB = v128.load(b);
  for (const end = scale + (<usize>pixels << 2); scale < end; scale += 4) {
    const p = f32x4.mul(f32x4.mul(f32x4.sub(loadLanes(x, count), m), r), meanB);
    storeLanes(dx, f32x4.mul(r, f32x4.sub(f32x4.sub(f32x4.mul(loadLanes(dy, count), v128.load32_splat(scale)), meanA), p)), count);
    x += step; dy += step; dx += step;
  }
}

/**
 * The gradient of one image by x, scale and shift, a run of pixels at a time: their channels stay in the L1 cache. `scratch`: 4·C4 numbers
 * and two vectors a pixel of a run, a thread.
 */
export function selModulateGrad(
  x: usize, scale: usize, dy: usize, dx: usize, dScale: usize, dShift: usize, pixels: i32, C: i32, epsilon: f32,
  scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const image = (<usize>task * pixels * C) << 2, step = <usize>C << 2, map = (<usize>task * pixels) << 2;
  const row = <usize>((C + 3) & ~3) << 2;
  const mean = scratch + <usize>slot * slotBytes, root = mean + row;
  const a = root + row, b = a + row, parts = b + row;
  const full = C & ~7;
  stats(x + image, C, 0, C, pixels, epsilon, mean, root);
  memory.fill(a, 0, 2 * row);
  for (let from = 0; from < pixels; from += RUN) {
    const run = min(RUN, pixels - from);
    const p = x + image + <usize>from * step, d = dy + image + <usize>from * step, s = scale + map + (<usize>from << 2);
    memory.fill(parts, 0, <usize>run << 5);
    let c = 0;
    for (; c < full; c += 8) {
      const at = <usize>c << 2;
      gradSums8(p + at, d + at, s, step, run, mean + at, root + at, a + at, b + at, parts);
    }
    for (; c < C; c += 4) {
      const at = <usize>c << 2;
      gradSums4(p + at, d + at, s, step, run, mean + at, root + at, a + at, b + at, parts, C - c);
    }
    const ds = dScale + map + (<usize>from << 2), dt = dShift + map + (<usize>from << 2);
    for (let i: usize = 0; i < <usize>run << 2; i += 4) {
      f32.store(ds + i, total(v128.load(parts + (i << 3))));
      f32.store(dt + i, total(v128.load(parts + (i << 3), 16)));
    }
  }
  const share = f32x4.splat(1 / <f32>pixels);
  for (let at: usize = 0; at < 2 * row; at += 16) v128.store(a + at, f32x4.mul(v128.load(a + at), share));
  for (let from = 0; from < pixels; from += RUN) {
    const run = min(RUN, pixels - from);
    const at0 = image + <usize>from * step, s = scale + map + (<usize>from << 2);
    let c = 0;
    for (; c < full; c += 8) {
      const at = <usize>c << 2;
      gradInput8(x + at0 + at, dy + at0 + at, dx + at0 + at, s, step, run, mean + at, root + at, a + at, b + at);
    }
    for (; c < C; c += 4) {
      const at = <usize>c << 2;
      gradInput4(x + at0 + at, dy + at0 + at, dx + at0 + at, s, step, run, mean + at, root + at, a + at, b + at, C - c);
    }
  }
}
