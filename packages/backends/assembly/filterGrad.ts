// Filter gradient: dW[k, o] += Σ_p window(p)[k] · dy[p, o], over the same windows as the forward pass.
import { grad16x2, grad4x2 } from './narrow';
import { madd, storeLanes, loadLanes } from './madd';

/** Six rows of the gradient by eight channels, over `pixels` pixels. */
export function tile6x8(x: usize, xTable: usize, dy: usize, dyStep: usize, pixels: i32, dw: usize, dwStep: usize): void {
  let q = dw;
  let a0 = v128.load(q), b0 = v128.load(q, 16); q += dwStep;
  let a1 = v128.load(q), b1 = v128.load(q, 16); q += dwStep;
  let a2 = v128.load(q), b2 = v128.load(q, 16); q += dwStep;
  let a3 = v128.load(q), b3 = v128.load(q, 16); q += dwStep;
  let a4 = v128.load(q), b4 = v128.load(q, 16); q += dwStep;
  let a5 = v128.load(q), b5 = v128.load(q, 16);
  const end = xTable + (pixels << 2);
  for (; xTable < end; xTable += 4) {
    const w = x + i32.load(xTable);
    const u = v128.load(dy), v = v128.load(dy, 16);
    let s = v128.load32_splat(w);
    a0 = madd(s, u, a0); b0 = madd(s, v, b0);
    s = v128.load32_splat(w, 4);
    a1 = madd(s, u, a1); b1 = madd(s, v, b1);
    s = v128.load32_splat(w, 8);
    a2 = madd(s, u, a2); b2 = madd(s, v, b2);
    s = v128.load32_splat(w, 12);
    a3 = madd(s, u, a3); b3 = madd(s, v, b3);
    s = v128.load32_splat(w, 16);
    a4 = madd(s, u, a4); b4 = madd(s, v, b4);
    s = v128.load32_splat(w, 20);
    a5 = madd(s, u, a5); b5 = madd(s, v, b5);
    dy += dyStep;
  }
  q = dw;
  v128.store(q, a0); v128.store(q, b0, 16); q += dwStep;
  v128.store(q, a1); v128.store(q, b1, 16); q += dwStep;
  v128.store(q, a2); v128.store(q, b2, 16); q += dwStep;
  v128.store(q, a3); v128.store(q, b3, 16); q += dwStep;
  v128.store(q, a4); v128.store(q, b4, 16); q += dwStep;
  v128.store(q, a5); v128.store(q, b5, 16);
}

/** Four rows by eight channels. */
export function tile4x8(x: usize, xTable: usize, dy: usize, dyStep: usize, pixels: i32, dw: usize, dwStep: usize): void {
  let q = dw;
  let a0 = v128.load(q), b0 = v128.load(q, 16); q += dwStep;
  let a1 = v128.load(q), b1 = v128.load(q, 16); q += dwStep;
  let a2 = v128.load(q), b2 = v128.load(q, 16); q += dwStep;
  let a3 = v128.load(q), b3 = v128.load(q, 16);
  for (const end = xTable + (pixels << 2); xTable < end; xTable += 4) {
    const w = x + i32.load(xTable);
    const u = v128.load(dy), v = v128.load(dy, 16);
    let s = v128.load32_splat(w);
    a0 = madd(s, u, a0); b0 = madd(s, v, b0);
    s = v128.load32_splat(w, 4);
    a1 = madd(s, u, a1); b1 = madd(s, v, b1);
    s = v128.load32_splat(w, 8);
    a2 = madd(s, u, a2); b2 = madd(s, v, b2);
    s = v128.load32_splat(w, 12);
    a3 = madd(s, u, a3); b3 = madd(s, v, b3);
    dy += dyStep;
  }
  q = dw;
  v128.store(q, a0); v128.store(q, b0, 16); q += dwStep;
  v128.store(q, a1); v128.store(q, b1, 16); q += dwStep;
  v128.store(q, a2); v128.store(q, b2, 16); q += dwStep;
  v128.store(q, a3); v128.store(q, b3, 16);
}

/** Three rows by sixteen channels; of fewer `rows` the last one is computed more than once. */
export function tile3x16(x: usize, xTable: usize, dy: usize, dyStep: usize, pixels: i32, dw: usize, dwStep: usize, rows: i32): void {
  const second = <usize>min(1, rows - 1) << 2, third = <usize>(rows - 1) << 2;
  let q = dw + (rows > 1 ? dwStep : 0), r = dw + <usize>(rows - 1) * dwStep;
  let a0 = v128.load(dw), b0 = v128.load(dw, 16), c0 = v128.load(dw, 32), d0 = v128.load(dw, 48);
  let a1 = v128.load(q), b1 = v128.load(q, 16), c1 = v128.load(q, 32), d1 = v128.load(q, 48);
  let a2 = v128.load(r), b2 = v128.load(r, 16), c2 = v128.load(r, 32), d2 = v128.load(r, 48);
  for (const end = xTable + (pixels << 2); xTable < end; xTable += 4) {
    const w = x + i32.load(xTable);
    const s = v128.load32_splat(w), t = v128.load32_splat(w + second), z = v128.load32_splat(w + third);
    let u = v128.load(dy);
    a0 = madd(s, u, a0); a1 = madd(t, u, a1); a2 = madd(z, u, a2);
    u = v128.load(dy, 16);
    b0 = madd(s, u, b0); b1 = madd(t, u, b1); b2 = madd(z, u, b2);
    u = v128.load(dy, 32);
    c0 = madd(s, u, c0); c1 = madd(t, u, c1); c2 = madd(z, u, c2);
    u = v128.load(dy, 48);
    d0 = madd(s, u, d0); d1 = madd(t, u, d1); d2 = madd(z, u, d2);
    dy += dyStep;
  }
  v128.store(r, a2); v128.store(r, b2, 16); v128.store(r, c2, 32); v128.store(r, d2, 48);
  v128.store(q, a1); v128.store(q, b1, 16); v128.store(q, c1, 32); v128.store(q, d1, 48);
  v128.store(dw, a0); v128.store(dw, b0, 16); v128.store(dw, c0, 32); v128.store(dw, d0, 48);
}

/** One row of the gradient by up to four channels. */
function tile1x4(
  x: usize, xTable: usize, dy: usize, dyStep: usize, pixels: i32, dw: usize, count: i32,
): void {
  let a = loadLanes(dw, count);
  const end = xTable + (pixels << 2);
  if (count == 4) {
    for (; xTable < end; xTable += 4) {
      a = madd(v128.load32_splat(x + i32.load(xTable)), v128.load(dy), a);
      dy += dyStep;
    }
  } else {
    for (; xTable < end; xTable += 4) {
      a = madd(v128.load32_splat(x + i32.load(xTable)), loadLanes(dy, count), a);
      dy += dyStep;
    }
  }
  storeLanes(dw, a, count);
}

/** Four rows (consecutive window entries, one vector) of the gradient by one channel. */
function tile4x1(x: usize, xTable: usize, dy: usize, dyStep: usize, pixels: i32, dw: usize, dwStep: usize): void {
  let a = f32x4.splat(0);
  const end = xTable + (pixels << 2);
  for (; xTable < end; xTable += 4) {
    a = madd(v128.load(x + i32.load(xTable)), v128.load32_splat(dy), a);
    dy += dyStep;
  }
  f32.store(dw, f32.load(dw) + f32x4.extract_lane(a, 0)); dw += dwStep;
  f32.store(dw, f32.load(dw) + f32x4.extract_lane(a, 1)); dw += dwStep;
  f32.store(dw, f32.load(dw) + f32x4.extract_lane(a, 2)); dw += dwStep;
  f32.store(dw, f32.load(dw) + f32x4.extract_lane(a, 3));
}

/** Adds one window row's share (rowLen rows of the gradient) of `pixels` pixels. */
function addRow(x: usize, xTable: usize, dy: usize, pixels: i32, rowLen: i32, dw: usize, O: i32): void {
  const step = <usize>O << 2;
  const full = O & ~7;
  let k = 0;
  for (; k + 6 <= rowLen; k += 6) {
    const xk = x + (<usize>k << 2), dk = dw + <usize>k * step;
    for (let o = 0; o < full; o += 8) {
      tile6x8(xk, xTable, dy + (<usize>o << 2), step, pixels, dk + (<usize>o << 2), step);
    }
  }
  if (k + 4 <= rowLen) {
    const xk = x + (<usize>k << 2), dk = dw + <usize>k * step;
    for (let o = 0; o < full; o += 8) tile4x8(xk, xTable, dy + (<usize>o << 2), step, pixels, dk + (<usize>o << 2), step);
    k += 4;
  }
  if (k < rowLen) {
    const xk = x + (<usize>k << 2), dk = dw + <usize>k * step;
    let o = 0;
    for (; o + 16 <= full; o += 16) tile3x16(xk, xTable, dy + (<usize>o << 2), step, pixels, dk + (<usize>o << 2), step, rowLen - k);
    for (; o < full; o += 4) {
      for (let i = 0; i < rowLen - k; i++) {
        tile1x4(xk + (<usize>i << 2), xTable, dy + (<usize>o << 2), step, pixels, dk + <usize>i * step + (<usize>o << 2), 4);
      }
    }
  }
  if (full == O) return;
  k = 0;
  if (O - full < 4) {
    for (; k + 4 <= rowLen; k += 4) {
      for (let o = full; o < O; o++) {
        const at = <usize>o << 2;
        tile4x1(x + (<usize>k << 2), xTable, dy + at, step, pixels, dw + <usize>k * step + at, step);
      }
    }
  }
  for (; k < rowLen; k++) {
    for (let o = full; o < O; o += 4) {
      const at = <usize>o << 2;
      tile1x4(x + (<usize>k << 2), xTable, dy + at, step, pixels, dw + <usize>k * step + at, min(4, O - o));
    }
  }
}

/** Adds one image's share for up to four channels: dwt [O][rows·rowLen], so that sums lie along the window. */
export function narrowFilterGrad(
  x: usize, xTable: usize, dy: usize, pixels: i32, rows: i32, rowBytes: i32, rowLen: i32, dwt: usize, O: i32,
): void {
  const step = <usize>O << 2, column = <usize>(rows * rowLen) << 2;
  for (let block = 0; block < pixels; block += 64) {
    const count = min(64, pixels - block);
    const table = xTable + (<usize>block << 2), g = dy + <usize>block * step;
    for (let r = 0; r < rows; r++) {
      const xr = x + <usize>(r * rowBytes), to = dwt + (<usize>(r * rowLen) << 2);
      for (let o = 0; o < O; o += 2) {
        const at = to + <usize>o * column, second = o + 1 == O ? 0 : column, dyo = g + (<usize>o << 2);
        let k = 0;
        for (; k + 16 <= rowLen; k += 16) grad16x2(xr + (<usize>k << 2), table, dyo, step, count, at + (<usize>k << 2), second);
        for (; k < rowLen; k += 4) grad4x2(xr + (<usize>k << 2), table, dyo, step, count, at + (<usize>k << 2), second, rowLen - k);
      }
    }
  }
}

/** Adds one image's share; x is padded, dy [pixels,O], dw [rows·rowLen,O]. */
export function windowFilterGrad(
  x: usize, xTable: usize, dy: usize, pixels: i32, rows: i32, rowBytes: i32, rowLen: i32, dw: usize, O: i32,
): void {
  const step = <usize>O << 2;
  for (let block = 0; block < pixels; block += 64) {
    const count = min(64, pixels - block);
    for (let r = 0; r < rows; r++) {
      addRow(
        x + <usize>(r * rowBytes), xTable + (<usize>block << 2), dy + <usize>block * step, count, rowLen,
        dw + <usize>(r * rowLen) * step, O,
      );
    }
  }
}
