import { madd, loadLanes, storeLanes } from './madd';

/**
 * A sparse filter over a grid of output pixels: out[a, b, :] = Σ_t weight[t] · x[base(a, b) + offset[t], :].
 * Taps are pairs (byte offset, weight); steps are in bytes.
 */
export function firGrid(
  x: usize, out: usize, rows: i32, cols: i32, xRowStep: i32, xColStep: i32, outRowStep: i32, outColStep: i32,
  taps: usize, tapCount: i32, C: i32,
): void {
  const end = taps + (tapCount << 3);
  for (let a = 0; a < rows; a++) {
    let p = x, q = out;
    for (let b = 0; b < cols; b++) {
      let c = 0;
      for (; c + 16 <= C; c += 16) {
        const base = p + (<usize>c << 2);
        let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
        for (let t = taps; t < end; t += 8) {
          const at = base + i32.load(t);
          const w = v128.load32_splat(t, 4);
          s0 = madd(v128.load(at), w, s0);
          s1 = madd(v128.load(at, 16), w, s1);
          s2 = madd(v128.load(at, 32), w, s2);
          s3 = madd(v128.load(at, 48), w, s3);
        }
        const to = q + (<usize>c << 2);
        v128.store(to, s0);
        v128.store(to, s1, 16);
        v128.store(to, s2, 32);
        v128.store(to, s3, 48);
      }
      for (; c < C; c += 4) {
        const left = C - c;
        const base = p + (<usize>c << 2);
        let s = f32x4.splat(0);
        for (let t = taps; t < end; t += 8) s = madd(loadLanes(base + i32.load(t), left), v128.load32_splat(t, 4), s);
        storeLanes(q + (<usize>c << 2), s, left);
      }
      p += xColStep;
      q += outColStep;
    }
    x += xRowStep;
    out += outRowStep;
  }
}
