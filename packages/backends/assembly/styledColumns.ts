// The gradient of a styled activation for channels in eights, whose scale, bias and sums stay in registers; the same bits as gradRun's
// walk along the rows.

/** Slopes and bound of the activation. */
// @ts-ignore: decorator
@inline
function slopeOf(v: v128, dy: v128, up: v128, down: v128, limit: v128, clamped: bool): v128 {
  const slope = v128.bitselect(up, down, f32x4.gt(v, f32x4.splat(0)));
  const g = f32x4.mul(dy, slope);
  return clamped ? v128.and(g, f32x4.le(f32x4.abs(f32x4.mul(v, slope)), limit)) : g;
}

/**
 * Eight channels of `rows` pixels: dx, and added to `sums` and `row` bytes behind it Σ g·x and Σ g. `scale`, `b`: eight numbers, 0 for
 * none; `parts`: a vector a pixel to which g is added, 0 for none.
 */
export function gradColumns8(
  dy: usize, x: usize, dx: usize, rows: i32, step: usize, scale: usize, noise: usize, parts: usize, b: usize, alpha: f32, gain: f32, clamp: f32,
  sums: usize, row: usize,
): void {
  const up = f32x4.splat(gain), down = f32x4.splat(gain * alpha), limit = f32x4.splat(clamp), zero = f32x4.splat(0);
  const clamped = clamp < Infinity;
  const s0 = scale ? v128.load(scale) : zero, s1 = scale ? v128.load(scale, 16) : zero;
  const b0 = b ? v128.load(b) : zero, b1 = b ? v128.load(b, 16) : zero;
  let x0 = zero, x1 = zero, g0 = zero, g1 = zero;
  for (; rows > 0; rows--) {
    const u0 = v128.load(x), u1 = v128.load(x, 16);
    let v0 = u0, v1 = u1;
    if (scale) {
      v0 = f32x4.mul(v0, s0);
      v1 = f32x4.mul(v1, s1);
    }
    if (noise) {
      const own = v128.load32_splat(noise);
      v0 = f32x4.add(v0, own);
      v1 = f32x4.add(v1, own);
      noise += 4;
    }
    if (b) {
      v0 = f32x4.add(v0, b0);
      v1 = f32x4.add(v1, b1);
    }
    v0 = slopeOf(v0, v128.load(dy), up, down, limit, clamped);
    v1 = slopeOf(v1, v128.load(dy, 16), up, down, limit, clamped);
    g0 = f32x4.add(g0, v0);
    g1 = f32x4.add(g1, v1);
    if (parts) {
      v128.store(parts, f32x4.add(f32x4.add(v128.load(parts), v0), v1));
      parts += 16;
    }
    if (scale) {
      x0 = f32x4.add(x0, f32x4.mul(v0, u0));
      x1 = f32x4.add(x1, f32x4.mul(v1, u1));
      v0 = f32x4.mul(v0, s0);
      v1 = f32x4.mul(v1, s1);
    }
    v128.store(dx, v0);
    v128.store(dx, v1, 16);
    x += step; dy += step; dx += step;
  }
  v128.store(sums, x0); v128.store(sums, x1, 16);
  v128.store(sums + row, g0); v128.store(sums + row, g1, 16);
}
