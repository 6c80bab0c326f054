import { madd } from './madd';

/** Twelve chains of multiply-adds in registers, 4 · 12 · 2 operations an iteration: the rate no kernel can exceed. */
export function maddPeak(iterations: i32, seed: f32): f32 {
  const x = f32x4.splat(seed);
  let a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
  for (; iterations > 0; iterations--) {
    a = madd(a, x, x); b = madd(b, x, x); c = madd(c, x, x); d = madd(d, x, x);
    e = madd(e, x, x); f = madd(f, x, x); g = madd(g, x, x); h = madd(h, x, x);
    i = madd(i, x, x); j = madd(j, x, x); k = madd(k, x, x); l = madd(l, x, x);
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  const all = f32x4.add(sum, f32x4.add(f32x4.add(i, j), f32x4.add(k, l)));
  return f32x4.extract_lane(all, 0) + f32x4.extract_lane(all, 1) + f32x4.extract_lane(all, 2) + f32x4.extract_lane(all, 3);
}
