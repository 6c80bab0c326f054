// Convolution as a matrix product over windows: rows of the product are output pixels, given by a
// table of byte offsets into a padded image; a window's row of kw·I numbers is contiguous.
import { loadLanes, madd, storeLanes } from './madd';

/** Width of the panel of packed filter that starts at output channel o. */
// @ts-ignore: decorator
@inline
function panelWidth(left: i32): i32 {
  return left > 4 ? 8 : 4;
}

/**
 * Packs the taps ky0 + t·kyStep, kx0 + t·kxStep of a filter [·,kw,I,O] into panels [K][8] (the last may
 * be [K][4]), K = (ky, kx, channel in). Transposed: the filter's I are the outputs.
 */
export function packFilter(
  w: usize, dst: usize, nky: i32, ky0: i32, kyStep: i32, nkx: i32, kx0: i32, kxStep: i32,
  kw: i32, I: i32, O: i32, transposed: i32,
): void {
  const outs = transposed ? I : O;
  const ins = transposed ? O : I;
  const outStep: usize = (transposed ? O : 1) << 2;
  const inStep: usize = (transposed ? 1 : O) << 2;
  for (let o = 0; o < outs; o += 8) {
    const width = panelWidth(outs - o);
    const filled = min(width, outs - o);
    for (let ty = 0; ty < nky; ty++) {
      for (let tx = 0; tx < nkx; tx++) {
        const tap = (ky0 + ty * kyStep) * kw + kx0 + tx * kxStep;
        let p = w + ((<usize>(tap * I * O)) << 2) + o * outStep;
        for (let i = 0; i < ins; i++) {
          if (!transposed && filled == 8) {
            v128.store(dst, v128.load(p));
            v128.store(dst, v128.load(p, 16), 16);
          } else {
            for (let j = 0; j < width; j++) {
              f32.store(dst + (j << 2), j < filled ? f32.load(p + j * outStep) : 0);
            }
          }
          dst += width << 2;
          p += inStep;
        }
      }
    }
  }
}

/** Byte offsets base + a·rowStep + b·colStep of a grid, row by row. */
export function offsetTable(dst: usize, rows: i32, cols: i32, base: i32, rowStep: i32, colStep: i32): void {
  for (let a = 0; a < rows; a++) {
    let at = base + a * rowStep;
    for (let b = 0; b < cols; b++) {
      i32.store(dst, at);
      dst += 4;
      at += colStep;
    }
  }
}

/** Copies an image [H,W,C] into a zeroed one [Hp,Wp,C], its corner at (top, left); negative crops. */
export function padCopy(x: usize, dst: usize, H: i32, W: i32, C: i32, top: i32, left: i32, Hp: i32, Wp: i32): void {
  const pixel = <usize>C << 2;
  const rowBytes = <usize>Wp * pixel;
  const from = max(0, left);
  const to = min(Wp, left + W);
  for (let y = 0; y < Hp; y++) {
    const row = dst + <usize>y * rowBytes;
    const sy = y - top;
    if (sy < 0 || sy >= H || to <= from) {
      memory.fill(row, 0, rowBytes);
      continue;
    }
    if (from > 0) memory.fill(row, 0, <usize>from * pixel);
    memory.copy(row + <usize>from * pixel, x + <usize>(sy * W + from - left) * pixel, <usize>(to - from) * pixel);
    if (to < Wp) memory.fill(row + <usize>to * pixel, 0, <usize>(Wp - to) * pixel);
  }
}

/** Interleaves the windows of six pixels: dst[k][6]. */
function interleave6(
  x0: usize, x1: usize, x2: usize, x3: usize, x4: usize, x5: usize, dst: usize,
  rows: i32, rowSkip: usize, rowLen: i32,
): void {
  for (let r = 0; r < rows; r++) {
    let k = rowLen;
    for (; k >= 4; k -= 4) {
      const a = v128.load(x0), b = v128.load(x1), c = v128.load(x2), d = v128.load(x3);
      const e = v128.load(x4), f = v128.load(x5);
      const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), AB = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const cd = i32x4.shuffle(c, d, 0, 4, 1, 5), CD = i32x4.shuffle(c, d, 2, 6, 3, 7);
      const ef = i32x4.shuffle(e, f, 0, 4, 1, 5), EF = i32x4.shuffle(e, f, 2, 6, 3, 7);
      v128.store(dst, i32x4.shuffle(ab, cd, 0, 1, 4, 5));
      v128.store(dst, i32x4.shuffle(ef, ab, 0, 1, 6, 7), 16);
      v128.store(dst, i32x4.shuffle(cd, ef, 2, 3, 6, 7), 32);
      v128.store(dst, i32x4.shuffle(AB, CD, 0, 1, 4, 5), 48);
      v128.store(dst, i32x4.shuffle(EF, AB, 0, 1, 6, 7), 64);
      v128.store(dst, i32x4.shuffle(CD, EF, 2, 3, 6, 7), 80);
      dst += 96;
      x0 += 16; x1 += 16; x2 += 16; x3 += 16; x4 += 16; x5 += 16;
    }
    for (; k > 0; k--) {
      f32.store(dst, f32.load(x0));
      f32.store(dst, f32.load(x1), 4);
      f32.store(dst, f32.load(x2), 8);
      f32.store(dst, f32.load(x3), 12);
      f32.store(dst, f32.load(x4), 16);
      f32.store(dst, f32.load(x5), 20);
      dst += 24;
      x0 += 4; x1 += 4; x2 += 4; x3 += 4; x4 += 4; x5 += 4;
    }
    x0 += rowSkip; x1 += rowSkip; x2 += rowSkip; x3 += rowSkip; x4 += rowSkip; x5 += rowSkip;
  }
}

// V8 schedules the loop's products by how their sums are used behind it; a branch there (partial stores, or setting
// and adding in one function) spills accumulators and halves the speed. Hence straight-line code and two functions.

/** Product of an interleaved tile a [K][6] and a panel w [K][8] at six addresses of eight numbers. */
export function tile6x8(
  a: usize, w: usize, K: i32, o0: usize, o1: usize, o2: usize, o3: usize, o4: usize, o5: usize,
): void {
  let a0 = f32x4.splat(0), b0 = a0, a1 = a0, b1 = a0, a2 = a0, b2 = a0;
  let a3 = a0, b3 = a0, a4 = a0, b4 = a0, a5 = a0, b5 = a0;
  for (const end = a + <usize>(K * 24); a < end; a += 24) {
    const u = v128.load(w), v = v128.load(w, 16);
    let s = v128.load32_splat(a);
    a0 = madd(s, u, a0); b0 = madd(s, v, b0);
    s = v128.load32_splat(a, 4);
    a1 = madd(s, u, a1); b1 = madd(s, v, b1);
    s = v128.load32_splat(a, 8);
    a2 = madd(s, u, a2); b2 = madd(s, v, b2);
    s = v128.load32_splat(a, 12);
    a3 = madd(s, u, a3); b3 = madd(s, v, b3);
    s = v128.load32_splat(a, 16);
    a4 = madd(s, u, a4); b4 = madd(s, v, b4);
    s = v128.load32_splat(a, 20);
    a5 = madd(s, u, a5); b5 = madd(s, v, b5);
    w += 32;
  }
  v128.store(o0, a0); v128.store(o0, b0, 16);
  v128.store(o1, a1); v128.store(o1, b1, 16);
  v128.store(o2, a2); v128.store(o2, b2, 16);
  v128.store(o3, a3); v128.store(o3, b3, 16);
  v128.store(o4, a4); v128.store(o4, b4, 16);
  v128.store(o5, a5); v128.store(o5, b5, 16);
}

/** The same, added to what is there. */
export function addTile6x8(
  a: usize, w: usize, K: i32, o0: usize, o1: usize, o2: usize, o3: usize, o4: usize, o5: usize,
): void {
  let a0 = v128.load(o0), b0 = v128.load(o0, 16);
  let a1 = v128.load(o1), b1 = v128.load(o1, 16);
  let a2 = v128.load(o2), b2 = v128.load(o2, 16);
  let a3 = v128.load(o3), b3 = v128.load(o3, 16);
  let a4 = v128.load(o4), b4 = v128.load(o4, 16);
  let a5 = v128.load(o5), b5 = v128.load(o5, 16);
  for (const end = a + <usize>(K * 24); a < end; a += 24) {
    const u = v128.load(w), v = v128.load(w, 16);
    let s = v128.load32_splat(a);
    a0 = madd(s, u, a0); b0 = madd(s, v, b0);
    s = v128.load32_splat(a, 4);
    a1 = madd(s, u, a1); b1 = madd(s, v, b1);
    s = v128.load32_splat(a, 8);
    a2 = madd(s, u, a2); b2 = madd(s, v, b2);
    s = v128.load32_splat(a, 12);
    a3 = madd(s, u, a3); b3 = madd(s, v, b3);
    s = v128.load32_splat(a, 16);
    a4 = madd(s, u, a4); b4 = madd(s, v, b4);
    s = v128.load32_splat(a, 20);
    a5 = madd(s, u, a5); b5 = madd(s, v, b5);
    w += 32;
  }
  v128.store(o0, a0); v128.store(o0, b0, 16);
  v128.store(o1, a1); v128.store(o1, b1, 16);
  v128.store(o2, a2); v128.store(o2, b2, 16);
  v128.store(o3, a3); v128.store(o3, b3, 16);
  v128.store(o4, a4); v128.store(o4, b4, 16);
  v128.store(o5, a5); v128.store(o5, b5, 16);
}

/** The same for `count` (5..7) channels, by way of scratch for 48 numbers. */
function partialTile6x8(
  a: usize, w: usize, K: i32, o0: usize, o1: usize, o2: usize, o3: usize, o4: usize, o5: usize,
  count: i32, add: bool, scratch: usize,
): void {
  tile6x8(a, w, K, scratch, scratch + 32, scratch + 64, scratch + 96, scratch + 128, scratch + 160);
  storePartial(o0, scratch, count, add);
  storePartial(o1, scratch + 32, count, add);
  storePartial(o2, scratch + 64, count, add);
  storePartial(o3, scratch + 96, count, add);
  storePartial(o4, scratch + 128, count, add);
  storePartial(o5, scratch + 160, count, add);
}

function storePartial(out: usize, from: usize, count: i32, add: bool): void {
  let low = v128.load(from), high = v128.load(from, 16);
  if (add) {
    low = f32x4.add(low, v128.load(out));
    high = f32x4.add(high, loadLanes(out + 16, count - 4));
  }
  v128.store(out, low);
  storeLanes(out + 16, high, count - 4);
}

/** Six pixels by up to four channels. */
function tile6x4(
  x0: usize, x1: usize, x2: usize, x3: usize, x4: usize, x5: usize, w: usize,
  rows: i32, rowSkip: usize, rowLen: i32,
  o0: usize, o1: usize, o2: usize, o3: usize, o4: usize, o5: usize, count: i32,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  let c0 = a0, c1 = a0, c2 = a0, c3 = a0, c4 = a0, c5 = a0;
  for (let r = 0; r < rows; r++) {
    let k = rowLen;
    for (; k >= 2; k -= 2) {
      const u = v128.load(w), v = v128.load(w, 16);
      a0 = madd(v128.load32_splat(x0), u, a0); c0 = madd(v128.load32_splat(x0, 4), v, c0);
      a1 = madd(v128.load32_splat(x1), u, a1); c1 = madd(v128.load32_splat(x1, 4), v, c1);
      a2 = madd(v128.load32_splat(x2), u, a2); c2 = madd(v128.load32_splat(x2, 4), v, c2);
      a3 = madd(v128.load32_splat(x3), u, a3); c3 = madd(v128.load32_splat(x3, 4), v, c3);
      a4 = madd(v128.load32_splat(x4), u, a4); c4 = madd(v128.load32_splat(x4, 4), v, c4);
      a5 = madd(v128.load32_splat(x5), u, a5); c5 = madd(v128.load32_splat(x5, 4), v, c5);
      w += 32;
      x0 += 8; x1 += 8; x2 += 8; x3 += 8; x4 += 8; x5 += 8;
    }
    if (k) {
      const u = v128.load(w);
      a0 = madd(v128.load32_splat(x0), u, a0);
      a1 = madd(v128.load32_splat(x1), u, a1);
      a2 = madd(v128.load32_splat(x2), u, a2);
      a3 = madd(v128.load32_splat(x3), u, a3);
      a4 = madd(v128.load32_splat(x4), u, a4);
      a5 = madd(v128.load32_splat(x5), u, a5);
      w += 16;
      x0 += 4; x1 += 4; x2 += 4; x3 += 4; x4 += 4; x5 += 4;
    }
    x0 += rowSkip; x1 += rowSkip; x2 += rowSkip; x3 += rowSkip; x4 += rowSkip; x5 += rowSkip;
  }
  storeLanes(o0, f32x4.add(a0, c0), count);
  storeLanes(o1, f32x4.add(a1, c1), count);
  storeLanes(o2, f32x4.add(a2, c2), count);
  storeLanes(o3, f32x4.add(a3, c3), count);
  storeLanes(o4, f32x4.add(a4, c4), count);
  storeLanes(o5, f32x4.add(a5, c5), count);
}

/** Longest stretch of a window that is multiplied at a time: a tile of it stays in the L1 cache. */
const STRETCH: i32 = 640;
/** Bytes of a tile; behind it is room for one partial tile of the result. */
const SPARE: usize = 6 * STRETCH * 4;

/** Multiplies the channels in full panels for six pixels and one stretch of rows × rowLen window entries. */
function tileProduct(
  x: usize, xTable: usize, out: usize, outTable: usize, p: i32, last: i32,
  rows: i32, rowBytes: i32, rowLen: i32, w: usize, panelBytes: usize, O: i32, add: bool, tile: usize,
): void {
  const K = rows * rowLen;
  // The last tile repeats its last pixel: the same number is stored more than once.
  const p0 = p << 2, p1 = min(p + 1, last) << 2, p2 = min(p + 2, last) << 2;
  const p3 = min(p + 3, last) << 2, p4 = min(p + 4, last) << 2, p5 = min(p + 5, last) << 2;
  interleave6(
    x + i32.load(xTable + p0), x + i32.load(xTable + p1), x + i32.load(xTable + p2),
    x + i32.load(xTable + p3), x + i32.load(xTable + p4), x + i32.load(xTable + p5),
    tile, rows, rowBytes - (rowLen << 2), rowLen,
  );
  let o0 = out + i32.load(outTable + p0), o1 = out + i32.load(outTable + p1), o2 = out + i32.load(outTable + p2);
  let o3 = out + i32.load(outTable + p3), o4 = out + i32.load(outTable + p4), o5 = out + i32.load(outTable + p5);
  for (let o = O; o > 4; o -= 8) {
    if (o < 8) partialTile6x8(tile, w, K, o0, o1, o2, o3, o4, o5, o, add, tile + SPARE);
    else if (add) addTile6x8(tile, w, K, o0, o1, o2, o3, o4, o5);
    else tile6x8(tile, w, K, o0, o1, o2, o3, o4, o5);
    o0 += 32; o1 += 32; o2 += 32; o3 += 32; o4 += 32; o5 += 32;
    w += panelBytes;
  }
}

/** The last one to four channels of all pixels. */
function narrowProduct(
  x: usize, xTable: usize, out: usize, outTable: usize, pixels: i32,
  rows: i32, rowBytes: i32, rowLen: i32, w: usize, count: i32,
): void {
  const rowSkip: usize = rowBytes - (rowLen << 2);
  const last = pixels - 1;
  for (let p = 0; p < pixels; p += 6) {
    const p0 = p << 2, p1 = min(p + 1, last) << 2, p2 = min(p + 2, last) << 2;
    const p3 = min(p + 3, last) << 2, p4 = min(p + 4, last) << 2, p5 = min(p + 5, last) << 2;
    tile6x4(
      x + i32.load(xTable + p0), x + i32.load(xTable + p1), x + i32.load(xTable + p2),
      x + i32.load(xTable + p3), x + i32.load(xTable + p4), x + i32.load(xTable + p5), w, rows, rowSkip, rowLen,
      out + i32.load(outTable + p0), out + i32.load(outTable + p1), out + i32.load(outTable + p2),
      out + i32.load(outTable + p3), out + i32.load(outTable + p4), out + i32.load(outTable + p5), count,
    );
  }
}

/**
 * out[p, :] = Σ_k window(p)[k] · packed[k, :] for the pixels p of two offset tables; `tile` is scratch for
 * 6 · 640 + 48 numbers.
 */
export function windowProduct(
  x: usize, xTable: usize, out: usize, outTable: usize, pixels: i32,
  rows: i32, rowBytes: i32, rowLen: i32, packed: usize, O: i32, tile: usize,
): void {
  const panelBytes = <usize>(rows * rowLen) << 5;
  const rest = O & 7;
  const wide = rest > 4 ? O : O - rest;
  const rowsPer = rowLen <= STRETCH ? min(rows, STRETCH / rowLen) : 1;
  const parts = (rowLen + STRETCH - 1) / STRETCH;
  const part = parts == 1 ? rowLen : ((rowLen + parts - 1) / parts + 3) & ~3;
  for (let p = 0; wide > 0 && p < pixels; p += 6) {
    for (let r = 0; r < rows; r += rowsPer) {
      for (let c = 0; c < rowLen; c += part) {
        tileProduct(
          x + r * rowBytes + (c << 2), xTable, out, outTable, p, pixels - 1, min(rowsPer, rows - r), rowBytes,
          min(part, rowLen - c), packed + ((r * rowLen + c) << 5), panelBytes, wide, r + c > 0, tile,
        );
      }
    }
  }
  if (wide < O) {
    const panels = wide >> 3;
    narrowProduct(x, xTable, out + (wide << 2), outTable, pixels, rows, rowBytes, rowLen, packed + panels * panelBytes, O - wide);
  }
}
