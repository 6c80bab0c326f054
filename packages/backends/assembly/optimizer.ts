import { loadLanes, storeLanes } from './madd';

/** NaN → 0, beyond any float → ±bound. */
// @ts-ignore: decorator
@inline
function finite(g: v128, bound: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  const magnitude = f32x4.abs(g);
  const known = v128.and(g, f32x4.eq(g, g));
  const limited = v128.or(bound, v128.and(known, i32x4.splat(0x80000000)));
  return v128.bitselect(limited, known, f32x4.eq(magnitude, infinity));
}

/** One step of Adam for the entries from task·chunk on; `bound` is what an infinite gradient counts as (0: leave gradients as they are). */
export function adam(
  p: usize, g: usize, m: usize, v: usize, pOut: usize, mOut: usize, vOut: usize, size: i32,
  rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, correction: f32, eps: f32, bound: f32, chunk: i32, task: i32, slot: i32,
): void {
  const from = task * chunk, to = min(size, from + chunk);
  for (let i = from; i < to; i += 4) {
    const at = <usize>i << 2, n = min(4, to - i);
    let grad = loadLanes(g + at, n);
    if (bound > 0) grad = finite(grad, f32x4.splat(bound));
    const first = beta1 == 0 ? grad : f32x4.add(f32x4.mul(loadLanes(m + at, n), f32x4.splat(beta1)), f32x4.mul(grad, f32x4.splat(rest1)));
    const second = f32x4.add(
      f32x4.mul(loadLanes(v + at, n), f32x4.splat(beta2)), f32x4.mul(f32x4.mul(grad, grad), f32x4.splat(rest2)),
    );
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(second, f32x4.splat(correction))), f32x4.splat(eps));
    const step = f32x4.mul(f32x4.div(first, root), f32x4.splat(rate));
    storeLanes(pOut + at, f32x4.sub(loadLanes(p + at, n), step), n);
    storeLanes(mOut + at, first, n);
    storeLanes(vOut + at, second, n);
  }
}

/** now + (average - now)·beta for the entries from task·chunk on. */
export function movingAverage(average: usize, now: usize, out: usize, size: i32, beta: f32, chunk: i32, task: i32, slot: i32): void {
  const from = task * chunk, to = min(size, from + chunk);
  for (let i = from; i < to; i += 4) {
    const at = <usize>i << 2, n = min(4, to - i);
    const latest = loadLanes(now + at, n);
    storeLanes(out + at, f32x4.add(latest, f32x4.mul(f32x4.sub(loadLanes(average + at, n), latest), f32x4.splat(beta))), n);
  }
}

/** Rows of a table of lists that one task does. */
const ROWS: i32 = 8;

/** adam for rows of eight words: addresses of p, g, m, v and of what they become (p, m, v), and the number of entries. */
export function adamList(
  table: usize, rows: i32, rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, correction: f32, eps: f32, bound: f32, task: i32, slot: i32,
): void {
  const end = table + (<usize>min(rows, (task + 1) * ROWS) << 5);
  for (let row = table + (<usize>(task * ROWS) << 5); row < end; row += 32) {
    const size = i32.load(row, 28);
    adam(
      i32.load(row), i32.load(row, 4), i32.load(row, 8), i32.load(row, 12), i32.load(row, 16), i32.load(row, 20), i32.load(row, 24), size,
      rate, beta1, rest1, beta2, rest2, correction, eps, bound, size, 0, slot,
    );
  }
}

/** movingAverage for rows of four words: addresses of the average, the latest and the result, and the number of entries. */
export function averageList(table: usize, rows: i32, beta: f32, task: i32, slot: i32): void {
  const end = table + (<usize>min(rows, (task + 1) * ROWS) << 4);
  for (let row = table + (<usize>(task * ROWS) << 4); row < end; row += 16) {
    const size = i32.load(row, 12);
    movingAverage(i32.load(row), i32.load(row, 4), i32.load(row, 8), size, beta, size, 0, slot);
  }
}
