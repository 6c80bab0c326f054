// Bilinear resizing by tables: per output row (column) two source rows (columns) in bytes and the share of the second.
import { loadLanes, storeLanes } from './madd';

// @ts-ignore: decorator
@inline
function mix(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), share));
}

/** Output rows from task·chunk on, of N·h. */
export function resizeRows(
  x: usize, imageBytes: i32, out: usize, rows: i32, h: i32, w: i32, C: i32, rowTable: usize, colTable: usize, chunk: i32, task: i32, slot: i32,
): void {
  const to = min(rows, (task + 1) * chunk);
  for (let row = task * chunk; row < to; row++) {
    const n = row / h, entry = rowTable + <usize>(row % h) * 12;
    const above = x + <usize>n * imageBytes + i32.load(entry), below = x + <usize>n * imageBytes + i32.load(entry, 4);
    const down = v128.load32_splat(entry, 8);
    let q = out + ((<usize>row * w * C) << 2);
    let column = colTable;
    for (let i = 0; i < w; i++) {
      const left = i32.load(column), right = i32.load(column, 4);
      const across = v128.load32_splat(column, 8);
      for (let c = 0; c < C; c += 4) {
        const at = <usize>c << 2, count = C - c;
        const a = mix(loadLanes(above + left + at, count), loadLanes(above + right + at, count), across);
        const b = mix(loadLanes(below + left + at, count), loadLanes(below + right + at, count), across);
        storeLanes(q + at, mix(a, b, down), count);
      }
      q += <usize>C << 2;
      column += 12;
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(p: usize, v: v128, count: i32): void {
  storeLanes(p, f32x4.add(loadLanes(p, count), v), count);
}

/** Transpose of resizeRows for one image: spreads dy [h,w,C] over dx, which it clears first. */
export function resizeGradImage(
  dy: usize, dx: usize, imageBytes: i32, h: i32, w: i32, C: i32, rowTable: usize, colTable: usize, task: i32, slot: i32,
): void {
  const to = dx + <usize>task * imageBytes;
  memory.fill(to, 0, imageBytes);
  let p = dy + ((<usize>task * h * w * C) << 2);
  const one = f32x4.splat(1);
  for (let j = 0; j < h; j++) {
    const entry = rowTable + <usize>j * 12;
    const above = to + i32.load(entry), below = to + i32.load(entry, 4);
    const down = v128.load32_splat(entry, 8), up = f32x4.sub(one, down);
    let column = colTable;
    for (let i = 0; i < w; i++) {
      const left = i32.load(column), right = i32.load(column, 4);
      const across = v128.load32_splat(column, 8), back = f32x4.sub(one, across);
      for (let c = 0; c < C; c += 4) {
        const at = <usize>c << 2, count = C - c;
        const d = loadLanes(p + at, count);
        const a = f32x4.mul(d, up), b = f32x4.mul(d, down);
        addTo(above + left + at, f32x4.mul(a, back), count);
        addTo(above + right + at, f32x4.mul(a, across), count);
        addTo(below + left + at, f32x4.mul(b, back), count);
        addTo(below + right + at, f32x4.mul(b, across), count);
      }
      p += <usize>C << 2;
      column += 12;
    }
  }
}
