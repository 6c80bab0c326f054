// Products over windows of one to four numbers (1×1 convolutions of colours): the filter stays in registers, and what is left is to
// write the outputs.
import { madd } from './madd';

/** out[p, o…o+7] = Σ_k x[p, k] · w[k, :] for K ≤ 4 and w [K][8]. */
export function shortPanel(x: usize, xTable: usize, out: usize, outTable: usize, pixels: i32, K: i32, w: usize): void {
  const zero = f32x4.splat(0);
  const a0 = v128.load(w), b0 = v128.load(w, 16);
  const a1 = K > 1 ? v128.load(w, 32) : zero, b1 = K > 1 ? v128.load(w, 48) : zero;
  const a2 = K > 2 ? v128.load(w, 64) : zero, b2 = K > 2 ? v128.load(w, 80) : zero;
  const a3 = K > 3 ? v128.load(w, 96) : zero, b3 = K > 3 ? v128.load(w, 112) : zero;
  for (const end = xTable + (<usize>pixels << 2); xTable < end; xTable += 4) {
    const p = x + i32.load(xTable), q = out + i32.load(outTable);
    let s = v128.load32_splat(p);
    let a = f32x4.mul(s, a0), b = f32x4.mul(s, b0);
    if (K > 1) {
      s = v128.load32_splat(p, 4);
      a = madd(s, a1, a); b = madd(s, b1, b);
    }
    if (K > 2) {
      s = v128.load32_splat(p, 8);
      a = madd(s, a2, a); b = madd(s, b2, b);
    }
    if (K > 3) {
      s = v128.load32_splat(p, 12);
      a = madd(s, a3, a); b = madd(s, b3, b);
    }
    v128.store(q, a);
    v128.store(q, b, 16);
    outTable += 4;
  }
}

/** All panels of O outputs (a multiple of 8), a block of pixels at a time so that their lines are still in the cache. */
export function shortProduct(x: usize, xTable: usize, out: usize, outTable: usize, pixels: i32, K: i32, packed: usize, O: i32): void {
  for (let p = 0; p < pixels; p += 64) {
    const table = <usize>p << 2;
    for (let o = 0; o < O; o += 8) {
      shortPanel(x, xTable + table, out + (<usize>o << 2), outTable + table, min(64, pixels - p), K, packed + (<usize>(o * K) << 2));
    }
  }
}
