// Filter gradient of the 3×3 convolution of stride 1 by Winograd's F(3×3, 2×2): the 4×4 tiles of x are transformed as in
// the forward pass, 2×2 tiles of dy to 4×4, and 16 products are summed over the tiles.
import { padCopy } from './conv';
import { madd } from './madd';
import { transformTile } from './winograd';

/** Tiles at a time. */
const BLOCK: i32 = 32;

/** Six rows by eight columns of Σ_t v[t, rows]·w[t, columns], added to m. */
export function outerTile6x8(v: usize, vStep: usize, w: usize, wStep: usize, tiles: i32, m: usize): void {
  let q = m;
  let a0 = v128.load(q), b0 = v128.load(q, 16); q += wStep;
  let a1 = v128.load(q), b1 = v128.load(q, 16); q += wStep;
  let a2 = v128.load(q), b2 = v128.load(q, 16); q += wStep;
  let a3 = v128.load(q), b3 = v128.load(q, 16); q += wStep;
  let a4 = v128.load(q), b4 = v128.load(q, 16); q += wStep;
  let a5 = v128.load(q), b5 = v128.load(q, 16);
  for (let t = 0; t < tiles; t++) {
    const e = v128.load(w), f = v128.load(w, 16);
    let s = v128.load32_splat(v);
    a0 = madd(s, e, a0); b0 = madd(s, f, b0);
    s = v128.load32_splat(v, 4);
    a1 = madd(s, e, a1); b1 = madd(s, f, b1);
    s = v128.load32_splat(v, 8);
    a2 = madd(s, e, a2); b2 = madd(s, f, b2);
    s = v128.load32_splat(v, 12);
    a3 = madd(s, e, a3); b3 = madd(s, f, b3);
    s = v128.load32_splat(v, 16);
    a4 = madd(s, e, a4); b4 = madd(s, f, b4);
    s = v128.load32_splat(v, 20);
    a5 = madd(s, e, a5); b5 = madd(s, f, b5);
    v += vStep;
    w += wStep;
  }
  q = m;
  v128.store(q, a0); v128.store(q, b0, 16); q += wStep;
  v128.store(q, a1); v128.store(q, b1, 16); q += wStep;
  v128.store(q, a2); v128.store(q, b2, 16); q += wStep;
  v128.store(q, a3); v128.store(q, b3, 16); q += wStep;
  v128.store(q, a4); v128.store(q, b4, 16); q += wStep;
  v128.store(q, a5); v128.store(q, b5, 16);
}

/** A 2×2 tile of dy (what lies outside counts as zero) for four channels: 16 vectors `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transformGrad(p: usize, pixel: usize, rowBytes: usize, right: bool, below: bool, dst: usize, step: usize): void {
  const zero = f32x4.splat(0), half = f32x4.splat(0.5);
  const a = v128.load(p), b = right ? v128.load(p + pixel) : zero;
  const c = below ? v128.load(p + rowBytes) : zero, d = right && below ? v128.load(p + rowBytes + pixel) : zero;
  for (let row = 0; row < 4; row++) {
    let l = a, r = b;
    if (row == 1) {
      l = f32x4.mul(half, f32x4.add(a, c));
      r = f32x4.mul(half, f32x4.add(b, d));
    } else if (row == 2) {
      l = f32x4.mul(half, f32x4.sub(a, c));
      r = f32x4.mul(half, f32x4.sub(b, d));
    } else if (row == 3) {
      l = c;
      r = d;
    }
    v128.store(dst, l);
    v128.store(dst + step, f32x4.mul(half, f32x4.add(l, r)));
    v128.store(dst + 2 * step, f32x4.mul(half, f32x4.sub(l, r)));
    v128.store(dst + 3 * step, r);
    dst += 4 * step;
  }
}

/**
 * The sums of one group of bands: partial[task][16][I6][O8], I6 and O8 being I and O rounded up to 6 and 8. I and O are
 * multiples of 4.
 */
export function winogradGradBands(
  x: usize, N: i32, H: i32, W: i32, I: i32, top: i32, left: i32, dy: usize, h: i32, w: i32, O: i32,
  partial: usize, groups: i32, bandRows: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const tilesX = (w + 1) >> 1, tilesY = (h + 1) >> 1;
  const bands = (tilesY + bandRows - 1) / bandRows;
  const units = N * bands;
  const I6 = ((I + 5) / 6) * 6, O8 = (O + 7) & ~7;
  const Wp = 2 * tilesX + 2;
  const pixel = <usize>I << 2, rowBytes = <usize>Wp * pixel;
  const dyPixel = <usize>O << 2, dyRow = <usize>w * dyPixel;
  const gRow = <usize>O8 << 2;
  const vStep = <usize>BLOCK * pixel, gStep = <usize>BLOCK * gRow;
  const v = scratch + <usize>slot * slotBytes;
  const g = v + 16 * vStep + 64; // a row's last block of six may read beyond it
  const source = g + 16 * gStep;
  const m = partial + ((<usize>(task * 16 * I6 * O8)) << 2);
  memory.fill(m, 0, (<usize>(16 * I6 * O8)) << 2);
  if (O8 != O) memory.fill(g, 0, 16 * gStep);
  const end = (units * (task + 1)) / groups;
  let filled = 0;
  for (let unit = (units * task) / groups; unit < end; unit++) {
    const n = unit / bands, y0 = (unit % bands) * bandRows;
    const tileRows = min(bandRows, tilesY - y0);
    const tiles = tileRows * tilesX;
    padCopy(x + <usize>n * H * W * pixel, source, H, W, I, top - 2 * y0, left, 2 * tileRows + 2, Wp);
    for (let t = 0; t < tiles; t++) {
      const ty = t / tilesX, tx = t % tilesX;
      const p = source + <usize>(2 * ty) * rowBytes + <usize>(2 * tx) * pixel;
      for (let c: usize = 0; c < pixel; c += 16) transformTile(p + c, pixel, rowBytes, v + <usize>filled * pixel + c, vStep);
      const y = 2 * (y0 + ty), xx = 2 * tx;
      const q = dy + <usize>(n * h + y) * dyRow + <usize>xx * dyPixel;
      const right = xx + 1 < w, below = y + 1 < h;
      for (let c: usize = 0; c < dyPixel; c += 16) {
        transformGrad(q + c, dyPixel, dyRow, right, below, g + <usize>filled * gRow + c, gStep);
      }
      filled++;
      if (filled < BLOCK && (t + 1 < tiles || unit + 1 < end)) continue;
      addProducts(16, v, vStep, pixel, g, gStep, gRow, filled, m, I, <usize>I6 * gRow);
      filled = 0;
    }
  }
}

/** Adds the products of `count` tiles to `matrices` matrices of m, `matrix` bytes apart. */
export function addProducts(
  matrices: i32, v: usize, vStep: usize, pixel: usize, g: usize, gStep: usize, gRow: usize, count: i32, m: usize, I: i32, matrix: usize,
): void {
  for (let j = 0; j < matrices; j++) {
    for (let o: usize = 0; o < gRow; o += 32) {
      let mi = m + o;
      for (let i = 0; i < I; i += 6) {
        outerTile6x8(v + (<usize>i << 2), pixel, g + o, gRow, count, mi);
        mi += 6 * gRow;
      }
    }
    v += vStep;
    g += gStep;
    m += matrix;
  }
}

/** Adds up four entries of `matrices` matrices, `matrix` bytes apart, over groups of them: one vector a matrix. */
// @ts-ignore: decorator
@inline
export function sumGroups(matrices: i32, from: usize, matrix: usize, groups: i32, sums: usize): void {
  for (let j = 0; j < matrices; j++) {
    let p = from + <usize>j * matrix;
    let s = v128.load(p);
    for (let k = 1; k < groups; k++) {
      p += <usize>matrices * matrix;
      s = f32x4.add(s, v128.load(p));
    }
    v128.store(sums + (<usize>j << 4), s);
  }
}

/** Row `which` of Aᵀ: m0+m1+m2, m1-m2, m1+m2-m3 (the sign of m3 is that of the transform of x). */
// @ts-ignore: decorator
@inline
function gradRow(which: i32, m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  if (which == 0) return f32x4.add(f32x4.add(m0, m1), m2);
  if (which == 1) return f32x4.sub(m1, m2);
  return f32x4.sub(f32x4.add(m1, m2), m3);
}

/** Channel in `task` of dw [3,3,I,O] = Aᵀ (Σ_g partial[g]) A. `sums` is scratch for 16 vectors a thread. */
export function winogradGradFilter(
  partial: usize, dw: usize, I: i32, O: i32, groups: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const I6 = ((I + 5) / 6) * 6, O8 = (O + 7) & ~7;
  const matrix = (<usize>(I6 * O8)) << 2;
  const tap = (<usize>(I * O)) << 2;
  const sums = scratch + <usize>slot * slotBytes;
  const row = <usize>O << 2;
  for (let c: usize = 0; c < row; c += 16) {
    const from = partial + ((<usize>(task * O8)) << 2) + c;
    sumGroups(16, from, matrix, groups, sums);
    let to = dw + ((<usize>(task * O)) << 2) + c;
    for (let a = 0; a < 3; a++) {
      const r0 = gradRow(a, v128.load(sums), v128.load(sums, 64), v128.load(sums, 128), v128.load(sums, 192));
      const r1 = gradRow(a, v128.load(sums, 16), v128.load(sums, 80), v128.load(sums, 144), v128.load(sums, 208));
      const r2 = gradRow(a, v128.load(sums, 32), v128.load(sums, 96), v128.load(sums, 160), v128.load(sums, 224));
      const r3 = gradRow(a, v128.load(sums, 48), v128.load(sums, 112), v128.load(sums, 176), v128.load(sums, 240));
      for (let b = 0; b < 3; b++) {
        v128.store(to, gradRow(b, r0, r1, r2, r3));
        to += tap;
      }
    }
  }
}
