// Filter gradient of the 3×3 convolution of stride 1 by Winograd's F(3×3, 4×4): the 6×6 tiles of x are transformed as in the
// forward pass, 4×4 tiles of dy to 6×6, and 36 products are summed over the tiles.
import { padCopy } from './conv';
import { madd } from './madd';
import { GAP } from './tiles';
import { HIGH, LOW, transformTile6 } from './winograd4';
import { addProducts, sumGroups } from './winogradFilterGrad';

/** Tiles at a time. */
const BLOCK: i32 = 32;

/** A polynomial of four coefficients at the six points, over the products of their differences: `step` bytes apart. */
// @ts-ignore: decorator
@inline
function evaluate(e0: v128, e1: v128, e2: v128, e3: v128, dst: usize, step: usize): void {
  const half = f32x4.splat(0.5), two = f32x4.splat(2);
  const low = f32x4.splat(-2 / <f32>3), high = f32x4.splat(1 / <f32>6);
  v128.store(dst, e0);
  let even = f32x4.mul(madd(e2, half, e0), low), odd = f32x4.mul(madd(e3, half, e1), f32x4.splat(-2 / <f32>3 * LOW));
  v128.store(dst + step, f32x4.add(even, odd));
  v128.store(dst + 2 * step, f32x4.sub(even, odd));
  even = f32x4.mul(madd(e2, two, e0), high);
  odd = f32x4.mul(madd(e3, two, e1), f32x4.splat(1 / <f32>6 * HIGH));
  v128.store(dst + 3 * step, f32x4.add(even, odd));
  v128.store(dst + 4 * step, f32x4.sub(even, odd));
  v128.store(dst + 5 * step, e3);
}

// @ts-ignore: decorator
@inline
function pixelOf(p: usize, exists: bool): v128 {
  return exists ? v128.load(p) : f32x4.splat(0);
}

/** A 4×4 tile of dy, of which `rows` by `cols` exist, for four channels: 36 vectors, `step` bytes apart. */
export function transformGrad4(p: usize, pixel: usize, rowBytes: usize, rows: i32, cols: i32, six: usize, dst: usize, step: usize): void {
  let q = six;
  for (let x = 0; x < 4; x++) {
    const here = x < cols;
    evaluate(
      pixelOf(p, here), pixelOf(p + rowBytes, here && rows > 1), pixelOf(p + 2 * rowBytes, here && rows > 2), pixelOf(p + 3 * rowBytes, here && rows > 3),
      q, 64,
    );
    p += pixel;
    q += 16;
  }
  for (q = six; q < six + 384; q += 64) {
    evaluate(v128.load(q), v128.load(q, 16), v128.load(q, 32), v128.load(q, 48), dst, step);
    dst += 6 * step;
  }
}

/** The sums of one group of bands: partial[task][36][I6][O8], I6 and O8 being I and O rounded up to 6 and 8. */
export function winograd4GradBands(
  x: usize, N: i32, H: i32, W: i32, I: i32, top: i32, left: i32, dy: usize, h: i32, w: i32, O: i32,
  partial: usize, groups: i32, bandRows: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const tilesX = (w + 3) >> 2, tilesY = (h + 3) >> 2;
  const bands = (tilesY + bandRows - 1) / bandRows;
  const units = N * bands;
  const I6 = ((I + 5) / 6) * 6, O8 = (O + 7) & ~7;
  const Wp = 4 * tilesX + 2;
  const pixel = <usize>I << 2, rowBytes = <usize>Wp * pixel;
  const dyPixel = <usize>O << 2, dyRow = <usize>w * dyPixel;
  const gRow = <usize>O8 << 2;
  const vStep = <usize>BLOCK * pixel + GAP, gStep = <usize>BLOCK * gRow + GAP;
  const six = scratch + <usize>slot * slotBytes;
  const v = six + 640;
  const g = v + 36 * vStep + 64; // a row's last block of six may read beyond it
  const source = g + 36 * gStep;
  const m = partial + ((<usize>(task * 36 * I6 * O8)) << 2);
  memory.fill(m, 0, (<usize>(36 * I6 * O8)) << 2);
  if (O8 != O) memory.fill(g, 0, 36 * gStep);
  const end = (units * (task + 1)) / groups;
  let filled = 0;
  for (let unit = (units * task) / groups; unit < end; unit++) {
    const n = unit / bands, y0 = (unit % bands) * bandRows;
    const tileRows = min(bandRows, tilesY - y0);
    const tiles = tileRows * tilesX;
    padCopy(x + <usize>n * H * W * pixel, source, H, W, I, top - 4 * y0, left, 4 * tileRows + 2, Wp);
    for (let t = 0; t < tiles; t++) {
      const ty = t / tilesX, tx = t % tilesX;
      const p = source + <usize>(4 * ty) * rowBytes + <usize>(4 * tx) * pixel;
      for (let c: usize = 0; c < pixel; c += 16) transformTile6(p + c, pixel, rowBytes, six, v + <usize>filled * pixel + c, vStep);
      const y = 4 * (y0 + ty), xx = 4 * tx;
      const q = dy + <usize>(n * h + y) * dyRow + <usize>xx * dyPixel;
      for (let c: usize = 0; c < dyPixel; c += 16) {
        transformGrad4(q + c, dyPixel, dyRow, h - y, w - xx, six, g + <usize>filled * gRow + c, gStep);
      }
      filled++;
      if (filled < BLOCK && (t + 1 < tiles || unit + 1 < end)) continue;
      addProducts(36, v, vStep, pixel, g, gStep, gRow, filled, m, I, <usize>I6 * gRow);
      filled = 0;
    }
  }
}

/** Row `which` of Aᵀ: Σ pᵏ m(p), infinity with the last. */
// @ts-ignore: decorator
@inline
function gradRow(which: i32, m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128): v128 {
  if (which == 0) return f32x4.add(m0, f32x4.add(f32x4.add(m1, m2), f32x4.add(m3, m4)));
  if (which == 1) return f32x4.add(f32x4.mul(f32x4.sub(m1, m2), f32x4.splat(LOW)), f32x4.mul(f32x4.sub(m3, m4), f32x4.splat(HIGH)));
  return f32x4.add(f32x4.add(f32x4.mul(f32x4.add(m1, m2), f32x4.splat(0.5)), f32x4.mul(f32x4.add(m3, m4), f32x4.splat(2))), m5);
}

/** Channel in `task` of dw [3,3,I,O] = Aᵀ (Σ_g partial[g]) A. Scratch for 54 vectors a thread. */
export function winograd4GradFilter(
  partial: usize, dw: usize, I: i32, O: i32, groups: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const I6 = ((I + 5) / 6) * 6, O8 = (O + 7) & ~7;
  const matrix = (<usize>(I6 * O8)) << 2;
  const tap = (<usize>(I * O)) << 2;
  const sums = scratch + <usize>slot * slotBytes, half = sums + 576;
  const row = <usize>O << 2;
  for (let c: usize = 0; c < row; c += 16) {
    const from = partial + ((<usize>(task * O8)) << 2) + c;
    sumGroups(36, from, matrix, groups, sums);
    for (let x: usize = 0; x < 96; x += 16) {
      const q = sums + x;
      const m0 = v128.load(q), m1 = v128.load(q, 96), m2 = v128.load(q, 192), m3 = v128.load(q, 288), m4 = v128.load(q, 384), m5 = v128.load(q, 480);
      v128.store(half + x, gradRow(0, m0, m1, m2, m3, m4, m5));
      v128.store(half + x, gradRow(1, m0, m1, m2, m3, m4, m5), 96);
      v128.store(half + x, gradRow(2, m0, m1, m2, m3, m4, m5), 192);
    }
    let to = dw + ((<usize>(task * O)) << 2) + c;
    for (let q = half; q < half + 288; q += 96) {
      const m0 = v128.load(q), m1 = v128.load(q, 16), m2 = v128.load(q, 32), m3 = v128.load(q, 48), m4 = v128.load(q, 64), m5 = v128.load(q, 80);
      v128.store(to, gradRow(0, m0, m1, m2, m3, m4, m5));
      v128.store(to + tap, gradRow(1, m0, m1, m2, m3, m4, m5));
      v128.store(to + 2 * tap, gradRow(2, m0, m1, m2, m3, m4, m5));
      to += 3 * tap;
    }
  }
}
