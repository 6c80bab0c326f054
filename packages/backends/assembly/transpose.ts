/** out[j, i] = x[i, j] for x [rows, cols]. */
export function transpose2d(x: usize, out: usize, rows: i32, cols: i32): void {
  const xs = <usize>cols << 2, os = <usize>rows << 2;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    let p = x + <usize>i * xs, q = out + (<usize>i << 2);
    let j = 0;
    for (; j + 4 <= cols; j += 4) {
      const a = v128.load(p), b = v128.load(p + xs), c = v128.load(p + 2 * xs), d = v128.load(p + 3 * xs);
      const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), AB = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const cd = i32x4.shuffle(c, d, 0, 4, 1, 5), CD = i32x4.shuffle(c, d, 2, 6, 3, 7);
      v128.store(q, i32x4.shuffle(ab, cd, 0, 1, 4, 5));
      v128.store(q + os, i32x4.shuffle(ab, cd, 2, 3, 6, 7));
      v128.store(q + 2 * os, i32x4.shuffle(AB, CD, 0, 1, 4, 5));
      v128.store(q + 3 * os, i32x4.shuffle(AB, CD, 2, 3, 6, 7));
      p += 16;
      q += 4 * os;
    }
    for (; j < cols; j++) {
      f32.store(q, f32.load(p));
      f32.store(q, f32.load(p + xs), 4);
      f32.store(q, f32.load(p + 2 * xs), 8);
      f32.store(q, f32.load(p + 3 * xs), 12);
      p += 4;
      q += os;
    }
  }
  for (; i < rows; i++) {
    let p = x + <usize>i * xs, q = out + (<usize>i << 2);
    for (let j = 0; j < cols; j++) {
      f32.store(q, f32.load(p));
      p += 4;
      q += os;
    }
  }
}
