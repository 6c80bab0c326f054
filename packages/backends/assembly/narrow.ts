// Convolutions with one to four output channels: vectors run along the window, not along the outputs.
import { loadLanes, madd, storeLanes } from './madd';

/** w [·][K,O] → dst [4][K], the outputs beyond O being zero. Taps and order as in packFilter. */
export function packNarrow(
  w: usize, dst: usize, nky: i32, ky0: i32, kyStep: i32, nkx: i32, kx0: i32, kxStep: i32, kw: i32, I: i32, O: i32, transposed: i32,
): void {
  const outs = transposed ? I : O, ins = transposed ? O : I;
  const outStep: usize = (transposed ? O : 1) << 2, inStep: usize = (transposed ? 1 : O) << 2;
  for (let o = 0; o < 4; o++) {
    for (let ty = 0; ty < nky; ty++) {
      for (let tx = 0; tx < nkx; tx++) {
        const tap = (ky0 + ty * kyStep) * kw + kx0 + tx * kxStep;
        let p = w + (<usize>(tap * I * O) << 2) + o * outStep;
        for (let i = 0; i < ins; i++) {
          f32.store(dst, o < outs ? f32.load(p) : 0);
          dst += 4;
          p += inStep;
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function total(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** Four pixels by two outputs, whose filters lie `wStep` bytes apart; sums [4][2] to `sums`. */
export function dots4x2(
  x0: usize, x1: usize, x2: usize, x3: usize, w: usize, wStep: usize, rows: i32, rowBytes: usize, rowLen: i32, sums: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  const bytes = <usize>rowLen << 2;
  x1 -= x0; x2 -= x0; x3 -= x0;
  for (let r = 0; r < rows; r++) {
    let p = x0 + <usize>r * rowBytes;
    for (const end = p + bytes; p < end; p += 16) {
      const u = v128.load(w), v = v128.load(w + wStep);
      let s = v128.load(p);
      a0 = madd(s, u, a0); b0 = madd(s, v, b0);
      s = v128.load(p + x1);
      a1 = madd(s, u, a1); b1 = madd(s, v, b1);
      s = v128.load(p + x2);
      a2 = madd(s, u, a2); b2 = madd(s, v, b2);
      s = v128.load(p + x3);
      a3 = madd(s, u, a3); b3 = madd(s, v, b3);
      w += 16;
    }
  }
  f32.store(sums, total(a0)); f32.store(sums, total(b0), 4);
  f32.store(sums, total(a1), 8); f32.store(sums, total(b1), 12);
  f32.store(sums, total(a2), 16); f32.store(sums, total(b2), 20);
  f32.store(sums, total(a3), 24); f32.store(sums, total(b3), 28);
}

/** out[p, o] for o < O ≤ 4 over the pixels of two offset tables; rowLen a multiple of 4; `sums` is scratch for 8 numbers. */
export function narrowWindows(
  x: usize, xTable: usize, out: usize, outTable: usize, pixels: i32, rows: i32, rowBytes: i32, rowLen: i32, packed: usize, O: i32, sums: usize,
): void {
  const last = pixels - 1;
  const wStep = <usize>(rows * rowLen) << 2;
  for (let p = 0; p < pixels; p += 4) {
    const p0 = p << 2, p1 = min(p + 1, last) << 2, p2 = min(p + 2, last) << 2, p3 = min(p + 3, last) << 2;
    for (let o = 0; o < O; o += 2) {
      dots4x2(
        x + i32.load(xTable + p0), x + i32.load(xTable + p1), x + i32.load(xTable + p2), x + i32.load(xTable + p3),
        packed + <usize>o * wStep, wStep, rows, rowBytes, rowLen, sums,
      );
      for (let k = 0; k < 4; k++) {
        const to = out + i32.load(outTable + (min(p + k, last) << 2)) + (<usize>o << 2);
        f32.store(to, f32.load(sums + (k << 3)));
        if (o + 1 < O) f32.store(to, f32.load(sums + (k << 3) + 4), 4);
      }
    }
  }
}

/** Sixteen window entries by two channels of the filter gradient, added to dw and `apart` bytes behind it; 0: the second does not exist. */
export function grad16x2(x: usize, xTable: usize, dy: usize, dyStep: usize, pixels: i32, dw: usize, apart: usize): void {
  const second: usize = apart ? 4 : 0, q = dw + apart;
  let b0 = v128.load(q), b1 = v128.load(q, 16), b2 = v128.load(q, 32), b3 = v128.load(q, 48);
  let a0 = v128.load(dw), a1 = v128.load(dw, 16), a2 = v128.load(dw, 32), a3 = v128.load(dw, 48);
  for (const end = xTable + (pixels << 2); xTable < end; xTable += 4) {
    const p = x + i32.load(xTable);
    const u = v128.load32_splat(dy), v = v128.load32_splat(dy + second);
    let s = v128.load(p);
    a0 = madd(s, u, a0); b0 = madd(s, v, b0);
    s = v128.load(p, 16);
    a1 = madd(s, u, a1); b1 = madd(s, v, b1);
    s = v128.load(p, 32);
    a2 = madd(s, u, a2); b2 = madd(s, v, b2);
    s = v128.load(p, 48);
    a3 = madd(s, u, a3); b3 = madd(s, v, b3);
    dy += dyStep;
  }
  v128.store(q, b0); v128.store(q, b1, 16); v128.store(q, b2, 32); v128.store(q, b3, 48);
  v128.store(dw, a0); v128.store(dw, a1, 16); v128.store(dw, a2, 32); v128.store(dw, a3, 48);
}

/** The same for the last `count` (1..) of four entries. */
export function grad4x2(x: usize, xTable: usize, dy: usize, dyStep: usize, pixels: i32, dw: usize, apart: usize, count: i32): void {
  const second: usize = apart ? 4 : 0, q = dw + apart;
  let a = loadLanes(dw, count), b = loadLanes(q, count);
  for (const end = xTable + (pixels << 2); xTable < end; xTable += 4) {
    const s = loadLanes(x + i32.load(xTable), count);
    a = madd(s, v128.load32_splat(dy), a);
    b = madd(s, v128.load32_splat(dy + second), b);
    dy += dyStep;
  }
  storeLanes(q, b, count);
  storeLanes(dw, a, count);
}
