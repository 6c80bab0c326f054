// Bilinear resizing by tables: per output row (column) two source rows (columns) in bytes and the share of the second.
import { madd } from './madd';

// @ts-ignore: decorator
@inline
function mix(a: v128, b: v128, share: v128): v128 {
  return madd(f32x4.sub(b, a), share, a);
}

// Vectors of four channels where they divide by four; else, with maps of one channel in mind, single numbers.

// @ts-ignore: decorator
@inline
function mixOne(a: f32, b: f32, share: f32): f32 {
  return a + (b - a) * share;
}

/** Output rows from task·chunk on, of N·h. */
export function resizeRows(
  x: usize, imageBytes: i32, out: usize, rows: i32, h: i32, w: i32, C: i32, rowTable: usize, colTable: usize, chunk: i32, task: i32, slot: i32,
): void {
  const to = min(rows, (task + 1) * chunk);
  const pixel = <usize>C << 2, colEnd = colTable + <usize>w * 12;
  for (let row = task * chunk; row < to; row++) {
    const n = row / h, entry = rowTable + <usize>(row % h) * 12;
    const above = x + <usize>n * imageBytes + i32.load(entry), below = x + <usize>n * imageBytes + i32.load(entry, 4);
    const down = v128.load32_splat(entry, 8), share = f32.load(entry, 8);
    let q = out + <usize>(row * w) * pixel;
    for (let column = colTable; column < colEnd; column += 12) {
      const left = i32.load(column), right = i32.load(column, 4);
      let a = above + left, b = above + right, c = below + left, d = below + right;
      if (C & 3) {
        const across = f32.load(column, 8);
        for (const end = q + pixel; q < end; q += 4) {
          f32.store(q, mixOne(mixOne(f32.load(a), f32.load(b), across), mixOne(f32.load(c), f32.load(d), across), share));
          a += 4; b += 4; c += 4; d += 4;
        }
        continue;
      }
      const across = v128.load32_splat(column, 8);
      for (const end = q + pixel; q < end; q += 16) {
        v128.store(q, mix(mix(v128.load(a), v128.load(b), across), mix(v128.load(c), v128.load(d), across), down));
        a += 16; b += 16; c += 16; d += 16;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(p: usize, v: v128): void {
  v128.store(p, f32x4.add(v128.load(p), v));
}

/** Transpose of resizeRows for one image: spreads dy [h,w,C] over dx, which it clears first. */
export function resizeGradImage(
  dy: usize, dx: usize, imageBytes: i32, h: i32, w: i32, C: i32, rowTable: usize, colTable: usize, task: i32, slot: i32,
): void {
  const to = dx + <usize>task * imageBytes;
  memory.fill(to, 0, imageBytes);
  const pixel = <usize>C << 2, colEnd = colTable + <usize>w * 12;
  let p = dy + <usize>(task * h * w) * pixel;
  const one = f32x4.splat(1);
  for (let j = 0; j < h; j++) {
    const entry = rowTable + <usize>j * 12;
    const above = to + i32.load(entry), below = to + i32.load(entry, 4);
    const down = v128.load32_splat(entry, 8), up = f32x4.sub(one, down), share = f32.load(entry, 8);
    for (let column = colTable; column < colEnd; column += 12) {
      const left = i32.load(column), right = i32.load(column, 4);
      let a = above + left, b = above + right, c = below + left, d = below + right;
      if (C & 3) {
        const across = f32.load(column, 8);
        for (const end = p + pixel; p < end; p += 4) {
          const g = f32.load(p), lower = g * share, upper = g * (1 - share);
          f32.store(a, f32.load(a) + upper * (1 - across));
          f32.store(b, f32.load(b) + upper * across);
          f32.store(c, f32.load(c) + lower * (1 - across));
          f32.store(d, f32.load(d) + lower * across);
          a += 4; b += 4; c += 4; d += 4;
        }
        continue;
      }
      const across = v128.load32_splat(column, 8), back = f32x4.sub(one, across);
      const wa = f32x4.mul(up, back), wb = f32x4.mul(up, across), wc = f32x4.mul(down, back), wd = f32x4.mul(down, across);
      for (const end = p + pixel; p < end; p += 16) {
        const g = v128.load(p);
        addTo(a, f32x4.mul(g, wa));
        addTo(b, f32x4.mul(g, wb));
        addTo(c, f32x4.mul(g, wc));
        addTo(d, f32x4.mul(g, wd));
        a += 16; b += 16; c += 16; d += 16;
      }
    }
  }
}
