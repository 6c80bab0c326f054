// 3×3 convolution of stride 1 by Winograd's F(2×2, 3×3): 16 products where the plain sum has 36, and sums of four numbers
// only, so that the rounding error stays that of the plain sum. Tiles of 4×4 pixels give 2×2 outputs.
import { padCopy } from './conv';
import { finishRows, scalePixels } from './convStyling';
import { GAP, product, TABLE, tileTable } from './tiles';

/** Tiles that are transformed and multiplied at a time, so that their 16 matrices stay in the L2 cache. */
export const BLOCK: i32 = 24;

/** Rows b, a of Gᵀ: g0, (g0+g1+g2)/2, (g0-g1+g2)/2, g2. */
// @ts-ignore: decorator
@inline
function filterRow(which: i32, g0: v128, g1: v128, g2: v128): v128 {
  if (which == 0) return g0;
  if (which == 3) return g2;
  const outer = f32x4.add(g0, g2);
  const sum = which == 1 ? f32x4.add(outer, g1) : f32x4.sub(outer, g1);
  return f32x4.mul(sum, f32x4.splat(0.5));
}

/** Four entries outStep bytes apart, of which `filled` exist. */
export function gather(p: usize, outStep: usize, filled: i32): v128 {
  if (filled >= 4 && outStep == 4) return v128.load(p);
  let v = f32x4.splat(0);
  if (filled > 0) v = f32x4.replace_lane(v, 0, f32.load(p));
  if (filled > 1) v = f32x4.replace_lane(v, 1, f32.load(p + outStep));
  if (filled > 2) v = f32x4.replace_lane(v, 2, f32.load(p + 2 * outStep));
  if (filled > 3) v = f32x4.replace_lane(v, 3, f32.load(p + 3 * outStep));
  return v;
}

/**
 * The panel of eight output channels `task` of the transformed filter: sixteen matrices [panels][ins][8], GAP bytes apart, of w [3,3,I,O].
 * Transposed: the filter is turned round, and its I are the outputs.
 */
export function winogradFilter(w: usize, dst: usize, I: i32, O: i32, transposed: i32, task: i32, slot: i32): void {
  const outs = transposed ? I : O, ins = transposed ? O : I;
  const outStep: usize = (transposed ? O : 1) << 2, inStep: usize = (transposed ? 1 : O) << 2;
  const tap = <usize>(I * O) << 2;
  const panels = (outs + 7) >> 3;
  const matrix = (<usize>(panels * ins) << 5) + GAP;
  for (let half = 0; half < 2; half++) {
    const o = task * 8 + half * 4;
    const filled = min(4, outs - o);
    for (let i = 0; i < ins; i++) {
      const p = w + <usize>o * outStep + <usize>i * inStep;
      const first = transposed ? p + 8 * tap : p;
      const step: isize = transposed ? -(<isize>tap) : <isize>tap;
      const g0 = gather(first, outStep, filled), g1 = gather(first + step, outStep, filled), g2 = gather(first + 2 * step, outStep, filled);
      const g3 = gather(first + 3 * step, outStep, filled), g4 = gather(first + 4 * step, outStep, filled), g5 = gather(first + 5 * step, outStep, filled);
      const g6 = gather(first + 6 * step, outStep, filled), g7 = gather(first + 7 * step, outStep, filled), g8 = gather(first + 8 * step, outStep, filled);
      let q = dst + ((<usize>(task * ins + i)) << 5) + (half << 4);
      for (let a = 0; a < 4; a++) {
        const r0 = filterRow(a, g0, g3, g6), r1 = filterRow(a, g1, g4, g7), r2 = filterRow(a, g2, g5, g8);
        for (let b = 0; b < 4; b++) {
          v128.store(q, filterRow(b, r0, r1, r2));
          q += matrix;
        }
      }
    }
  }
}

/** BᵀdB of one tile for four channels: 16 vectors, `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function transformTile(p: usize, pixel: usize, rowBytes: usize, dst: usize, step: usize): void {
  const q = p + rowBytes, r = q + rowBytes, s = r + rowBytes;
  const p2 = 2 * pixel, p3 = 3 * pixel;
  let a = v128.load(p), b = v128.load(p + pixel), c = v128.load(p + p2), d = v128.load(p + p3);
  const a2 = v128.load(r), b2 = v128.load(r + pixel), c2 = v128.load(r + p2), d2 = v128.load(r + p3);
  a = f32x4.sub(a, a2); b = f32x4.sub(b, b2); c = f32x4.sub(c, c2); d = f32x4.sub(d, d2);
  v128.store(dst, f32x4.sub(a, c));
  v128.store(dst + step, f32x4.add(b, c));
  v128.store(dst + 2 * step, f32x4.sub(c, b));
  v128.store(dst + 3 * step, f32x4.sub(b, d));
  dst += 4 * step;
  const a1 = v128.load(q), b1 = v128.load(q + pixel), c1 = v128.load(q + p2), d1 = v128.load(q + p3);
  a = f32x4.add(a1, a2); b = f32x4.add(b1, b2); c = f32x4.add(c1, c2); d = f32x4.add(d1, d2);
  v128.store(dst, f32x4.sub(a, c));
  v128.store(dst + step, f32x4.add(b, c));
  v128.store(dst + 2 * step, f32x4.sub(c, b));
  v128.store(dst + 3 * step, f32x4.sub(b, d));
  dst += 4 * step;
  a = f32x4.sub(a2, a1); b = f32x4.sub(b2, b1); c = f32x4.sub(c2, c1); d = f32x4.sub(d2, d1);
  v128.store(dst, f32x4.sub(a, c));
  v128.store(dst + step, f32x4.add(b, c));
  v128.store(dst + 2 * step, f32x4.sub(c, b));
  v128.store(dst + 3 * step, f32x4.sub(b, d));
  dst += 4 * step;
  a = f32x4.sub(a1, v128.load(s)); b = f32x4.sub(b1, v128.load(s + pixel));
  c = f32x4.sub(c1, v128.load(s + p2)); d = f32x4.sub(d1, v128.load(s + p3));
  v128.store(dst, f32x4.sub(a, c));
  v128.store(dst + step, f32x4.add(b, c));
  v128.store(dst + 2 * step, f32x4.sub(c, b));
  v128.store(dst + 3 * step, f32x4.sub(b, d));
}

/** Six vectors of four channels → [4 channels][6]. */
// @ts-ignore: decorator
@inline
export function interleaveQuad(from: usize, dst: usize): void {
  const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
  const e = v128.load(from, 64), f = v128.load(from, 80);
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), AB = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5), CD = i32x4.shuffle(c, d, 2, 6, 3, 7);
  const ef = i32x4.shuffle(e, f, 0, 4, 1, 5), EF = i32x4.shuffle(e, f, 2, 6, 3, 7);
  v128.store(dst, i32x4.shuffle(ab, cd, 0, 1, 4, 5));
  v128.store(dst, i32x4.shuffle(ef, ab, 0, 1, 6, 7), 16);
  v128.store(dst, i32x4.shuffle(cd, ef, 2, 3, 6, 7), 32);
  v128.store(dst, i32x4.shuffle(AB, CD, 0, 1, 4, 5), 48);
  v128.store(dst, i32x4.shuffle(EF, AB, 0, 1, 6, 7), 64);
  v128.store(dst, i32x4.shuffle(CD, EF, 2, 3, 6, 7), 80);
}

/** Output rows of a tile pair from M [16], AᵀMA, for four channels. */
// @ts-ignore: decorator
@inline
function outputTile(m: usize, step: usize, out: usize, pixel: usize, rowBytes: usize, right: bool, below: bool): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
  let q = m + 4 * step, r = m + 8 * step;
  let a = v128.load(q), b = v128.load(r);
  s0 = f32x4.add(f32x4.add(v128.load(m), a), b);
  t0 = f32x4.sub(f32x4.sub(a, b), v128.load(m + 12 * step));
  m += step; q += step; r += step;
  a = v128.load(q); b = v128.load(r);
  s1 = f32x4.add(f32x4.add(v128.load(m), a), b);
  t1 = f32x4.sub(f32x4.sub(a, b), v128.load(m + 12 * step));
  m += step; q += step; r += step;
  a = v128.load(q); b = v128.load(r);
  s2 = f32x4.add(f32x4.add(v128.load(m), a), b);
  t2 = f32x4.sub(f32x4.sub(a, b), v128.load(m + 12 * step));
  m += step; q += step; r += step;
  a = v128.load(q); b = v128.load(r);
  s3 = f32x4.add(f32x4.add(v128.load(m), a), b);
  t3 = f32x4.sub(f32x4.sub(a, b), v128.load(m + 12 * step));
  v128.store(out, f32x4.add(f32x4.add(s0, s1), s2));
  if (right) v128.store(out + pixel, f32x4.sub(f32x4.sub(s1, s2), s3));
  if (!below) return;
  v128.store(out + rowBytes, f32x4.add(f32x4.add(t0, t1), t2));
  if (right) v128.store(out + rowBytes + pixel, f32x4.sub(f32x4.sub(t1, t2), t3));
}

/** The products of all panels for `groups` interleaved groups of six tiles: M[16][BLOCK][O8]. */
function multiply(v: usize, u: usize, m: usize, groups: i32, I: i32, panels: i32): void {
  const mRow = <usize>panels << 5;
  const vGroup = <usize>I * 24;
  for (let j = 0; j < 16; j++) {
    const mj = m + <usize>(j * BLOCK) * mRow, vj = v + <usize>(j * (BLOCK / 6)) * vGroup;
    product(vj, u, I, mj, mRow, groups);
    u += <usize>I * mRow + GAP;
  }
}

/** Bytes of scratch behind the padded rows: V, M and six transformed tiles. */
// @ts-ignore: decorator
@inline
function blockBytes(I: i32, panels: i32): usize {
  return <usize>(16 * BLOCK * (I + panels * 8) + 16 * 24) << 2;
}

/**
 * One task of the convolution: `images` whole images, or a band of `bandRows` rows of tiles of one image. x [N,H,W,I]
 * (I a multiple of 4), out [N,h,w,O] (O a multiple of 4), u from winogradFilter.
 */
export function winogradBand(
  x: usize, N: i32, H: i32, W: i32, I: i32, top: i32, left: i32, out: usize, h: i32, w: i32, O: i32,
  u: usize, images: i32, bandRows: i32, styles: usize, epilogue: usize, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const tilesX = (w + 1) >> 1, tilesY = (h + 1) >> 1;
  const bands = (tilesY + bandRows - 1) / bandRows;
  const n0 = (task / bands) * images, y0 = (task % bands) * bandRows;
  const tileRows = min(bandRows, tilesY - y0);
  const perImage = tileRows * tilesX;
  const tiles = min(images, N - n0) * perImage;
  const Wp = 2 * tilesX + 2, rows = 2 * tileRows + 2;
  const pixel = <usize>I << 2, rowBytes = <usize>Wp * pixel;
  const panels = (O + 7) >> 3;
  const table = scratch + <usize>slot * slotBytes, v = table + TABLE;
  const m = v + (<usize>(16 * BLOCK * I) << 2);
  const six = m + (<usize>(16 * BLOCK * panels) << 5);
  const source = v + blockBytes(I, panels);
  for (let n = 0; n * perImage < tiles; n++) {
    const image = source + <usize>n * rows * rowBytes;
    padCopy(x + <usize>(n0 + n) * H * W * pixel, image, H, W, I, top - 2 * y0, left, rows, Wp);
    if (styles) scalePixels(image, rows * Wp, I, styles + <usize>(n0 + n) * pixel);
  }
  const vGroup = <usize>I * 24, vStep = <usize>(BLOCK / 6) * vGroup;
  const outPixel = <usize>O << 2, outRow = <usize>w * outPixel;
  const mRow = <usize>panels << 5, mStep = <usize>BLOCK * mRow;
  for (let block = 0; block < tiles; block += BLOCK) {
    const count = min(BLOCK, tiles - block);
    const groups = (count + 5) / 6;
    tileTable(table, block, groups, tiles, perImage, tilesX, source, <usize>rows * rowBytes, 2 * rowBytes, 2 * pixel);
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < I; c += 4) {
        for (let k = 0; k < 6; k++) {
          transformTile(load<usize>(table + (<usize>(g * 6 + k) << 2)) + (<usize>c << 2), pixel, rowBytes, six + (k << 4), 96);
        }
        let to = v + <usize>g * vGroup + <usize>c * 24;
        for (let j = 0; j < 16; j++) {
          interleaveQuad(six + <usize>j * 96, to);
          to += vStep;
        }
      }
    }
    multiply(v, u, m, groups, I, panels);
    for (let k = 0; k < count; k++) {
      const t = block + k;
      const n = t / perImage, at = t % perImage;
      const y = 2 * (y0 + at / tilesX), xx = 2 * (at % tilesX);
      const to = out + <usize>((n0 + n) * h + y) * outRow + <usize>xx * outPixel;
      const from = m + <usize>k * mRow;
      const right = xx + 1 < w, below = y + 1 < h;
      for (let c: usize = 0; c < outPixel; c += 16) outputTile(from + c, mStep, to + c, outPixel, outRow, right, below);
    }
  }
  for (let n = 0; n * perImage < tiles; n++) finishRows(epilogue, out, n0 + n, 2 * y0, min(h, 2 * (y0 + tileRows)), h, w, O);
}
