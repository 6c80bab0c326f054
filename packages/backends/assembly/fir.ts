import { padCopy } from './conv';
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

/**
 * A band of output rows (task % bands) of one image (task / bands) of an upfirdn2d with a filter that is not separable. The table has
 * groups of four words: first output, outputs, the taps' place in it, taps; one for each row phase, then one for each pair of a row
 * phase and a column phase.
 *
 * A band has `bandRows` outputs of every row phase; `top` and `left` are the first row and column that is read, Hs rows are read
 * for the first of a band.
 */
export function firBand(
  x: usize, H: i32, W: i32, C: i32, top: i32, left: i32, Hs: i32, Wp: i32, out: usize, h: i32, w: i32,
  table: usize, rowCount: i32, colCount: i32, upY: i32, upX: i32, downY: i32, downX: i32,
  bands: i32, bandRows: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const n = task / bands, j0 = (task % bands) * bandRows;
  const pixel = <usize>C << 2, outRow = <usize>w * pixel, inRow = <usize>Wp * pixel;
  const pairs = table + (<usize>rowCount << 4);
  const rows = (min(bandRows, i32.load(table, 4) - j0) - 1) * downY + Hs;
  const source = scratch + <usize>slot * slotBytes;
  padCopy(x + <usize>n * H * W * pixel, source, H, W, C, -top - j0 * downY, -left, rows, Wp);
  const to = out + <usize>n * h * outRow + <usize>(j0 * upY) * outRow;
  for (let r = 0; r < rowCount; r++) {
    const plan = table + (<usize>r << 4);
    const count = min(bandRows, i32.load(plan, 4) - j0);
    if (count <= 0) continue;
    const first = to + <usize>i32.load(plan) * outRow;
    for (let c = 0; c < colCount; c++) {
      const pair = pairs + (<usize>(r * colCount + c) << 4);
      firGrid(
        source, first + <usize>i32.load(pair) * pixel, count, i32.load(pair, 4), downY * inRow, downX * pixel, upY * outRow, upX * pixel,
        table + i32.load(pair, 8), i32.load(pair, 12), C,
      );
    }
  }
}
