// upfirdn2d with a separable filter, row by row of the output: the source rows that it sees are summed to one row, which stays in the
// L1 cache, and that is filtered along. Zeros put in by `up` are never multiplied: outputs `up` apart see the same taps, and the taps
// of an output are neighbours.
import { loadLanes, madd, storeLanes } from './madd';

// Two or four vectors at a time: a loop's own instructions are as many as those of one.
// @ts-ignore: decorator
@inline
function sum4(a: usize, b: usize, c: usize, d: usize, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  const near = madd(v128.load(a + b), wb, f32x4.mul(v128.load(a), wa));
  return f32x4.add(near, madd(v128.load(a + d), wd, f32x4.mul(v128.load(a + c), wc)));
}

/** out = a·wa + b·wb + c·wc + d·wd for n numbers. */
export function sumRows4(a: usize, b: usize, c: usize, d: usize, weights: usize, out: usize, n: i32): void {
  const wa = v128.load32_splat(weights), wb = v128.load32_splat(weights, 4), wc = v128.load32_splat(weights, 8), wd = v128.load32_splat(weights, 12);
  b -= a; c -= a; d -= a;
  for (; n >= 8; n -= 8) {
    const s = sum4(a, b, c, d, wa, wb, wc, wd), t = sum4(a + 16, b, c, d, wa, wb, wc, wd);
    v128.store(out, s);
    v128.store(out, t, 16);
    a += 32;
    out += 32;
  }
  for (; n > 0; n -= 4) {
    const near = madd(loadLanes(a + b, n), wb, f32x4.mul(loadLanes(a, n), wa));
    storeLanes(out, f32x4.add(near, madd(loadLanes(a + d, n), wd, f32x4.mul(loadLanes(a + c, n), wc))), n);
    a += 16;
    out += 16;
  }
}

// @ts-ignore: decorator
@inline
function sum2(a: usize, b: usize, wa: v128, wb: v128): v128 {
  return madd(v128.load(a + b), wb, f32x4.mul(v128.load(a), wa));
}

/** out = a·wa + b·wb. */
export function sumRows2(a: usize, b: usize, weights: usize, out: usize, n: i32): void {
  const wa = v128.load32_splat(weights), wb = v128.load32_splat(weights, 4);
  b -= a;
  for (; n >= 16; n -= 16) {
    const s = sum2(a, b, wa, wb), t = sum2(a + 16, b, wa, wb), u = sum2(a + 32, b, wa, wb), v = sum2(a + 48, b, wa, wb);
    v128.store(out, s);
    v128.store(out, t, 16);
    v128.store(out, u, 32);
    v128.store(out, v, 48);
    a += 64;
    out += 64;
  }
  for (; n > 0; n -= 4) {
    storeLanes(out, madd(loadLanes(a + b, n), wb, f32x4.mul(loadLanes(a, n), wa)), n);
    a += 16;
    out += 16;
  }
}

/** out (+)= a·wa. */
export function sumRows1(a: usize, weights: usize, out: usize, n: i32, add: bool): void {
  const wa = v128.load32_splat(weights);
  for (; n > 0; n -= 4) {
    storeLanes(out, madd(loadLanes(a, n), wa, add ? loadLanes(out, n) : f32x4.splat(0)), n);
    a += 16;
    out += 16;
  }
}

/** Four taps along the row for `count` outputs, C a multiple of 8. */
export function along4(p: usize, q: usize, count: i32, inStep: usize, outStep: usize, C: i32, weights: usize): void {
  const wa = v128.load32_splat(weights), wb = v128.load32_splat(weights, 4), wc = v128.load32_splat(weights, 8), wd = v128.load32_splat(weights, 12);
  const pixel = <usize>C << 2, c2 = 2 * pixel, c3 = 3 * pixel;
  for (; count > 0; count--) {
    const end = p + pixel;
    let to = q;
    for (let at = p; at < end; at += 32) {
      const s = sum4(at, pixel, c2, c3, wa, wb, wc, wd), t = sum4(at + 16, pixel, c2, c3, wa, wb, wc, wd);
      v128.store(to, s);
      v128.store(to, t, 16);
      to += 32;
    }
    p += inStep;
    q += outStep;
  }
}

// @ts-ignore: decorator
@inline
function sumTaps(a: v128, b: v128, c: v128, d: v128, wa: v128, wb: v128, wc: v128, wd: v128): v128 {
  return f32x4.add(madd(b, wb, f32x4.mul(a, wa)), madd(d, wd, f32x4.mul(c, wc)));
}

/** Four taps for each pixel of a row: every four channels are walked along it, so that a pixel is read once. C is a multiple of 4. */
export function slide4(p: usize, q: usize, count: i32, C: i32, weights: usize): void {
  const wa = v128.load32_splat(weights), wb = v128.load32_splat(weights, 4), wc = v128.load32_splat(weights, 8), wd = v128.load32_splat(weights, 12);
  const pixel = <usize>C << 2, p2 = 2 * pixel, p3 = 3 * pixel, p4 = 4 * pixel;
  for (const end = p + pixel; p < end; p += 16) {
    let a = v128.load(p), b = v128.load(p + pixel), c = v128.load(p + p2);
    let at = p + p3, to = q, i = count;
    for (; i >= 4; i -= 4) {
      const d = v128.load(at);
      v128.store(to, sumTaps(a, b, c, d, wa, wb, wc, wd));
      a = v128.load(at + pixel);
      v128.store(to + pixel, sumTaps(b, c, d, a, wa, wb, wc, wd));
      b = v128.load(at + p2);
      v128.store(to + p2, sumTaps(c, d, a, b, wa, wb, wc, wd));
      c = v128.load(at + p3);
      v128.store(to + p3, sumTaps(d, a, b, c, wa, wb, wc, wd));
      // Now a, b, c are the first three of the next four.
      at += p4;
      to += p4;
    }
    for (; i > 0; i--) {
      const d = v128.load(at);
      v128.store(to, sumTaps(a, b, c, d, wa, wb, wc, wd));
      a = b; b = c; c = d;
      at += pixel;
      to += pixel;
    }
    q += 16;
  }
}

/** Two taps, C a multiple of 16. */
export function along2(p: usize, q: usize, count: i32, inStep: usize, outStep: usize, C: i32, weights: usize): void {
  const wa = v128.load32_splat(weights), wb = v128.load32_splat(weights, 4);
  const pixel = <usize>C << 2;
  for (; count > 0; count--) {
    const end = p + pixel;
    let to = q;
    for (let at = p; at < end; at += 64) {
      const s = sum2(at, pixel, wa, wb), t = sum2(at + 16, pixel, wa, wb), u = sum2(at + 32, pixel, wa, wb), v = sum2(at + 48, pixel, wa, wb);
      v128.store(to, s);
      v128.store(to, t, 16);
      v128.store(to, u, 32);
      v128.store(to, v, 48);
      to += 64;
    }
    p += inStep;
    q += outStep;
  }
}

/** Any number of taps and channels; reads up to three numbers behind a pixel. */
export function alongAny(p: usize, q: usize, count: i32, inStep: usize, outStep: usize, C: i32, weights: usize, taps: i32): void {
  const pixel = <usize>C << 2;
  const end = weights + (<usize>taps << 2);
  for (; count > 0; count--) {
    for (let c = 0; c < C; c += 4) {
      let at = p + (<usize>c << 2), s = f32x4.splat(0);
      for (let t = weights; t < end; t += 4) {
        s = madd(v128.load(at), v128.load32_splat(t), s);
        at += pixel;
      }
      storeLanes(q + (<usize>c << 2), s, C - c);
    }
    p += inStep;
    q += outStep;
  }
}

/** Sums `count` rows, whose addresses are in `list`. */
function sumRows(list: usize, weights: usize, count: i32, out: usize, n: i32): void {
  if (count == 4) sumRows4(load<usize>(list), load<usize>(list, 4), load<usize>(list, 8), load<usize>(list, 12), weights, out, n);
  else if (count == 2) sumRows2(load<usize>(list), load<usize>(list, 4), weights, out, n);
  else {
    for (let k: usize = 0; k < <usize>(count << 2); k += 4) sumRows1(load<usize>(list + k), weights + k, out, n, k > 0);
  }
}

/**
 * Output rows from task·chunk on, of N·h. `table` has, for each of colCount phases of columns, five words (first output and count;
 * first source pixel, taps, their place in bytes in the table), then taps; the rowTaps taps down are at `rowWeights`. Output o of an
 * axis reads pixels (o·down + k - pad) / up for the taps k that divide. The row of sums has `width` pixels, x beginning at `left`.
 */
export function firRows(
  x: usize, H: i32, W: i32, C: i32, out: usize, rows: i32, h: i32, w: i32, table: usize, colCount: i32, rowWeights: usize, rowTaps: i32,
  upY: i32, upX: i32, downY: i32, downX: i32, padY: i32, left: i32, width: i32, chunk: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const pixel = <usize>C << 2, outRow = <usize>w * pixel;
  const list = scratch + <usize>slot * slotBytes, weights = list + (<usize>rowTaps << 2);
  const sums = (weights + (<usize>rowTaps << 2) + 15) & ~15;
  memory.fill(sums, 0, <usize>width * pixel + 16);
  const to = min(rows, (task + 1) * chunk);
  for (let row = task * chunk; row < to; row++) {
    const n = row / h, v = (row % h) * downY - padY;
    let k = (upY - v % upY) % upY;
    let count = 0;
    for (; k < rowTaps; k += upY) {
      const y = (v + k) / upY;
      if (y < 0 || y >= H) continue;
      store<usize>(list + (<usize>count << 2), x + <usize>(n * H + y) * <usize>W * pixel);
      f32.store(weights + (<usize>count << 2), f32.load(rowWeights + (<usize>k << 2)));
      count++;
    }
    const q = out + <usize>row * outRow;
    if (count == 0) {
      memory.fill(q, 0, outRow);
      continue;
    }
    sumRows(list, weights, count, sums + <usize>left * pixel, W * C);
    let phase = table;
    for (let c = 0; c < colCount; c++) {
      const p = sums + <usize>i32.load(phase, 8) * pixel, first = q + <usize>i32.load(phase) * pixel;
      const outputs = i32.load(phase, 4), taps = i32.load(phase, 12), w = table + i32.load(phase, 16);
      if (taps == 4 && downX == 1 && upX == 1 && (C & 3) == 0) slide4(p, first, outputs, C, w);
      else if (taps == 4 && (C & 7) == 0) along4(p, first, outputs, downX * pixel, upX * pixel, C, w);
      else if (taps == 2 && (C & 15) == 0) along2(p, first, outputs, downX * pixel, upX * pixel, C, w);
      else alongAny(p, first, outputs, downX * pixel, upX * pixel, C, w, taps);
      phase += 20;
    }
  }
}
