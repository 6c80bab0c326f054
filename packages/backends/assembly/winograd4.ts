// 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3): 36 products where the plain sum has 144. Tiles of 6×6 pixels give 4×4
// outputs. The points are 0, ±√½, ±√2 and infinity instead of the usual 0, ±1, ±2: the root mean square error is 1.7 times that
// of the plain sum, not 3.8 times.
import { padCopy } from './conv';
import { finishRows, scalePixels } from './convStyling';
import { madd } from './madd';
import { GAP, product, TABLE, tileTable } from './tiles';
import { gather, interleaveQuad } from './winograd';

/** Tiles that are transformed and multiplied at a time. */
export const BLOCK4: i32 = 24;

/** √½ and √2. */
export const LOW: f32 = 0.7071067811865476;
export const HIGH: f32 = 1.4142135623730951;

/** Bᵀd along one axis: six vectors, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function spread6(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, dst: usize, step: usize): void {
  const middle = f32x4.splat(-2.5), two = f32x4.splat(-2), half = f32x4.splat(-0.5);
  const low = f32x4.splat(LOW), high = f32x4.splat(HIGH);
  v128.store(dst, madd(d2, middle, f32x4.add(d0, d4)));
  const a = madd(d2, two, d4), b = f32x4.mul(madd(d1, two, d3), low);
  v128.store(dst + step, f32x4.add(a, b));
  v128.store(dst + 2 * step, f32x4.sub(a, b));
  const c = madd(d2, half, d4), e = f32x4.mul(madd(d1, half, d3), high);
  v128.store(dst + 3 * step, f32x4.add(c, e));
  v128.store(dst + 4 * step, f32x4.sub(c, e));
  v128.store(dst + 5 * step, madd(d3, middle, f32x4.add(d1, d5)));
}

/** BᵀdB of one tile for four channels: 36 vectors, `step` bytes apart; `six` is scratch for 36 more. */
export function transformTile6(p: usize, pixel: usize, rowBytes: usize, six: usize, dst: usize, step: usize): void {
  let q = six;
  for (let x = 0; x < 6; x++) {
    spread6(
      v128.load(p), v128.load(p + rowBytes), v128.load(p + 2 * rowBytes), v128.load(p + 3 * rowBytes), v128.load(p + 4 * rowBytes),
      v128.load(p + 5 * rowBytes), q, 96,
    );
    p += pixel;
    q += 16;
  }
  q = six;
  for (let y = 0; y < 6; y++) {
    spread6(v128.load(q), v128.load(q, 16), v128.load(q, 32), v128.load(q, 48), v128.load(q, 64), v128.load(q, 80), dst, step);
    q += 96;
    dst += 6 * step;
  }
}

/** Row `which` of G: g at the points over their products of differences. */
// @ts-ignore: decorator
@inline
function filterRow(which: i32, g0: v128, g1: v128, g2: v128): v128 {
  if (which == 0) return g0;
  if (which == 5) return g2;
  if (which < 3) {
    const even = madd(g2, f32x4.splat(0.5), g0), odd = f32x4.mul(g1, f32x4.splat(LOW));
    return f32x4.mul(which == 1 ? f32x4.add(even, odd) : f32x4.sub(even, odd), f32x4.splat(-2 / <f32>3));
  }
  const even = madd(g2, f32x4.splat(2), g0), odd = f32x4.mul(g1, f32x4.splat(HIGH));
  return f32x4.mul(which == 3 ? f32x4.add(even, odd) : f32x4.sub(even, odd), f32x4.splat(1 / <f32>6));
}

/**
 * Eight channels in of the transformed filter, from 8·task on (fewer would share their lines with another thread): 36 matrices
 * [panels][ins][8], GAP bytes apart, of w [3,3,I,O]. Transposed: the filter is turned round, and its I are the outputs. `six` is scratch for 18 vectors a thread.
 */
export function winograd4Filter(w: usize, dst: usize, I: i32, O: i32, transposed: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32): void {
  const outs = transposed ? I : O, ins = transposed ? O : I;
  const outStep: usize = (transposed ? O : 1) << 2, inStep: usize = (transposed ? 1 : O) << 2;
  const tap = <usize>(I * O) << 2;
  const panels = (outs + 7) >> 3;
  const matrix = (<usize>(panels * ins) << 5) + GAP;
  const six = scratch + <usize>slot * slotBytes;
  for (let i = 8 * task; i < min(ins, 8 * task + 8); i++) {
    for (let o = 0; o < panels * 8; o += 4) {
      const filled = min(4, outs - o);
      const p = w + <usize>o * outStep + <usize>i * inStep;
      const first = transposed ? p + 8 * tap : p;
      const step: isize = transposed ? -(<isize>tap) : <isize>tap;
      for (let x = 0; x < 3; x++) {
        const at = first + x * step;
        const g0 = gather(at, outStep, filled), g1 = gather(at + 3 * step, outStep, filled), g2 = gather(at + 6 * step, outStep, filled);
        const q = six + (<usize>x << 4);
        v128.store(q, g0);
        v128.store(q, filterRow(1, g0, g1, g2), 48);
        v128.store(q, filterRow(2, g0, g1, g2), 96);
        v128.store(q, filterRow(3, g0, g1, g2), 144);
        v128.store(q, filterRow(4, g0, g1, g2), 192);
        v128.store(q, g2, 240);
      }
      let to = dst + (<usize>((o >> 3) * ins + i) << 5) + (<usize>(o & 4) << 2);
      for (let q = six; q < six + 288; q += 48) {
        const g0 = v128.load(q), g1 = v128.load(q, 16), g2 = v128.load(q, 32);
        v128.store(to, g0);
        v128.store(to + matrix, filterRow(1, g0, g1, g2));
        v128.store(to + 2 * matrix, filterRow(2, g0, g1, g2));
        v128.store(to + 3 * matrix, filterRow(3, g0, g1, g2));
        v128.store(to + 4 * matrix, filterRow(4, g0, g1, g2));
        v128.store(to + 5 * matrix, g2);
        to += 6 * matrix;
      }
    }
  }
}

/** Aᵀm along one axis: four vectors, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function gather4(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, dst: usize, step: usize): void {
  const s = f32x4.add(m1, m2), d = f32x4.sub(m1, m2), t = f32x4.add(m3, m4), e = f32x4.sub(m3, m4);
  v128.store(dst, f32x4.add(f32x4.add(m0, s), t));
  v128.store(dst + step, madd(e, f32x4.splat(HIGH), f32x4.mul(d, f32x4.splat(LOW))));
  v128.store(dst + 2 * step, madd(t, f32x4.splat(2), f32x4.mul(s, f32x4.splat(0.5))));
  v128.store(dst + 3 * step, madd(e, f32x4.splat(2 * HIGH), madd(d, f32x4.splat(0.5 * LOW), m5)));
}

/** AᵀMA of one tile for four channels; `rows` by `cols` of its pixels exist. `six` is scratch for 40 vectors. */
export function outputTile4(m: usize, step: usize, six: usize, out: usize, pixel: usize, rowBytes: usize, rows: i32, cols: i32): void {
  let q = six;
  for (let x = 0; x < 6; x++) {
    const down = 6 * step;
    gather4(
      v128.load(m), v128.load(m + down), v128.load(m + 2 * down), v128.load(m + 3 * down), v128.load(m + 4 * down), v128.load(m + 5 * down), q, 96,
    );
    m += step;
    q += 16;
  }
  q = six;
  for (let y = 0; y < rows; y++) {
    const full = cols == 4;
    const to = full ? out : six + 384, apart: usize = full ? pixel : 16;
    gather4(v128.load(q), v128.load(q, 16), v128.load(q, 32), v128.load(q, 48), v128.load(q, 64), v128.load(q, 80), to, apart);
    if (!full) {
      for (let x = 0; x < cols; x++) v128.store(out + <usize>x * pixel, v128.load(to + (<usize>x << 4)));
    }
    q += 96;
    out += rowBytes;
  }
}

/** m[j] = v[j] · u[j] for the 36 matrices, `groups` groups of six tiles. */
function multiply(v: usize, vStep: usize, u: usize, m: usize, mStep: usize, mRow: usize, groups: i32, I: i32): void {
  for (let j = 0; j < 36; j++) {
    product(v, u, I, m, mRow, groups);
    u += <usize>I * mRow + GAP;
    v += vStep;
    m += mStep;
  }
}

/**
 * One band of `bandRows` rows of tiles of an image, or with bands = 1 the tiles of `images` images: x [N,H,W,I] padded by (top,
 * left), out [N,h,w,O], I and O multiples of 4.
 */
export function winograd4Band(
  x: usize, N: i32, H: i32, W: i32, I: i32, top: i32, left: i32, out: usize, h: i32, w: i32, O: i32,
  u: usize, images: i32, bandRows: i32, styles: usize, epilogue: usize, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const tilesX = (w + 3) >> 2, tilesY = (h + 3) >> 2;
  const bands = (tilesY + bandRows - 1) / bandRows;
  const n0 = (task / bands) * images, y0 = (task % bands) * bandRows;
  const tileRows = min(bandRows, tilesY - y0);
  const perImage = tileRows * tilesX;
  const tiles = min(images, N - n0) * perImage;
  const Wp = 4 * tilesX + 2, rows = 4 * tileRows + 2;
  const pixel = <usize>I << 2, rowBytes = <usize>Wp * pixel;
  const panels = (O + 7) >> 3;
  const vGroup = <usize>I * 24, vStep = <usize>(BLOCK4 / 6) * vGroup + GAP;
  const mRow = <usize>panels << 5, mStep = <usize>BLOCK4 * mRow + GAP;
  const table = scratch + <usize>slot * slotBytes, six = table + TABLE;
  const quads = six + 640, v = quads + 3456, m = v + 36 * vStep, source = m + 36 * mStep;
  for (let n = 0; n * perImage < tiles; n++) {
    const image = source + <usize>n * rows * rowBytes;
    padCopy(x + <usize>(n0 + n) * H * W * pixel, image, H, W, I, top - 4 * y0, left, rows, Wp);
    if (styles) scalePixels(image, rows * Wp, I, styles + <usize>(n0 + n) * pixel);
  }
  const outPixel = <usize>O << 2, outRow = <usize>w * outPixel;
  for (let block = 0; block < tiles; block += BLOCK4) {
    const count = min(BLOCK4, tiles - block);
    const groups = (count + 5) / 6;
    tileTable(table, block, groups, tiles, perImage, tilesX, source, <usize>rows * rowBytes, 4 * rowBytes, 4 * pixel);
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < I; c += 4) {
        for (let k = 0; k < 6; k++) {
          const p = load<usize>(table + (<usize>(g * 6 + k) << 2)) + (<usize>c << 2);
          transformTile6(p, pixel, rowBytes, six, quads + (k << 4), 96);
        }
        let to = v + <usize>g * vGroup + <usize>c * 24;
        for (let j: usize = 0; j < 3456; j += 96) {
          interleaveQuad(quads + j, to);
          to += vStep;
        }
      }
    }
    multiply(v, vStep, u, m, mStep, mRow, groups, I);
    for (let k = 0; k < count; k++) {
      const t = block + k;
      const n = t / perImage, at = t % perImage;
      const y = 4 * (y0 + at / tilesX), xx = 4 * (at % tilesX);
      const to = out + <usize>((n0 + n) * h + y) * outRow + <usize>xx * outPixel;
      const from = m + <usize>k * mRow;
      for (let c: usize = 0; c < outPixel; c += 16) {
        outputTile4(from + c, mStep, six, to + c, outPixel, outRow, min(4, h - y), min(4, w - xx));
      }
    }
  }
  for (let n = 0; n * perImage < tiles; n++) finishRows(epilogue, out, n0 + n, 4 * y0, min(h, 4 * (y0 + tileRows)), h, w, O);
}
