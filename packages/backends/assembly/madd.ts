/** a·b + c on four lanes; fused where the build has relaxed SIMD. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Stores the first `count` (1..4) lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(p: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(p, v);
    return;
  }
  f32.store(p, f32x4.extract_lane(v, 0));
  if (count > 1) f32.store(p, f32x4.extract_lane(v, 1), 4);
  if (count > 2) f32.store(p, f32x4.extract_lane(v, 2), 8);
}

/** Loads the first `count` (1..4) lanes, zeros behind them. */
// @ts-ignore: decorator
@inline
export function loadLanes(p: usize, count: i32): v128 {
  if (count >= 4) return v128.load(p);
  let v = f32x4.splat(0);
  v = f32x4.replace_lane(v, 0, f32.load(p));
  if (count > 1) v = f32x4.replace_lane(v, 1, f32.load(p, 4));
  if (count > 2) v = f32x4.replace_lane(v, 2, f32.load(p, 8));
  return v;
}
