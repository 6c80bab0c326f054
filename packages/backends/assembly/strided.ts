// 3×3 convolution of stride 2 by Winograd's F(2×2, ·) on its phases. Along an axis the outputs of five pixels are
//   y0 = (x0-x2)·w0 + x1·w1 + x2·(w0+w2)   and   y1 = (x4-x2)·w2 + x3·w1 + x2·(w0+w2):
// five products, where the plain sum has six, in the three groups A (two), B (one, shared) and C (two), 25 products for four outputs
// instead of 36, and nothing but sums of two. Both gradients are the transposes. Products of a group have a common sum (forward)
// or a common factor (y0, y0+y1, y1: both gradients).
import { padCopy } from './conv';
import { finishRows } from './convStyling';
import { GAP, product, TABLE, tileTable } from './tiles';
import { gather, interleaveQuad } from './winograd';
import { addProducts, sumGroups } from './winogradFilterGrad';

/** Tiles at a time, forward and by the input; by the filter. */
const BLOCK: i32 = 24;
const GRAD_BLOCK: i32 = 32;
/** Bytes of the vectors of six tiles. */
const SIX: usize = 2400;

/** First product of a group of an axis, and how many it has. */
// @ts-ignore: decorator
@inline
function firstOf(group: i32): i32 {
  return group == 0 ? 0 : group + 1;
}
// @ts-ignore: decorator
@inline
function countOf(group: i32): i32 {
  return group == 1 ? 1 : 2;
}

/** Which of w0, w1, w0+w2 and w2 a product of an axis takes. */
// @ts-ignore: decorator
@inline
function weightOf(product: i32): i32 {
  return product == 4 ? 1 : product;
}

// @ts-ignore: decorator
@inline
function filterRow(product: i32, w0: v128, w1: v128, w2: v128): v128 {
  if (product == 0) return w0;
  if (product == 2) return f32x4.add(w0, w2);
  return product == 3 ? w2 : w1;
}

/**
 * The panel of eight outputs `task` of the transformed filter w [3,3,I,O]. Forward for each pair of groups [panels][products·I][8], so
 * that a sum runs over all of its products; transposed, for the gradient by the input, dst[16][panels][O][8].
 */
export function stridedFilter(w: usize, dst: usize, I: i32, O: i32, transposed: i32, task: i32, slot: i32): void {
  const outs = transposed ? I : O, ins = transposed ? O : I;
  const outStep: usize = (transposed ? O : 1) << 2, inStep: usize = (transposed ? 1 : O) << 2;
  const tap = <usize>(I * O) << 2;
  const panels = (outs + 7) >> 3, block = <usize>ins << 5, matrix = <usize>panels * block;
  for (let half = 0; half < 2; half++) {
    const o = task * 8 + half * 4;
    const filled = min(4, outs - o);
    for (let i = 0; i < ins; i++) {
      const p = w + <usize>o * outStep + <usize>i * inStep;
      const w0 = gather(p, outStep, filled), w1 = gather(p + tap, outStep, filled), w2 = gather(p + 2 * tap, outStep, filled);
      const w3 = gather(p + 3 * tap, outStep, filled), w4 = gather(p + 4 * tap, outStep, filled), w5 = gather(p + 5 * tap, outStep, filled);
      const w6 = gather(p + 6 * tap, outStep, filled), w7 = gather(p + 7 * tap, outStep, filled), w8 = gather(p + 8 * tap, outStep, filled);
      const q = dst + (<usize>i << 5) + (half << 4);
      if (transposed) {
        for (let a = 0; a < 4; a++) {
          const r0 = filterRow(a, w0, w3, w6), r1 = filterRow(a, w1, w4, w7), r2 = filterRow(a, w2, w5, w8);
          const apart = matrix + GAP, to = q + <usize>(4 * a) * apart + <usize>task * block;
          v128.store(to, r0);
          v128.store(to + apart, r1);
          v128.store(to + 2 * apart, f32x4.add(r0, r2));
          v128.store(to + 3 * apart, r2);
        }
        continue;
      }
      let from = q;
      for (let group = 0; group < 3; group++) {
        const n = <usize>countOf(group);
        for (let k: usize = 0; k < n; k++) {
          const a = firstOf(group) + <i32>k;
          const r0 = filterRow(a, w0, w3, w6), r1 = filterRow(a, w1, w4, w7), r2 = filterRow(a, w2, w5, w8);
          let to = from + (<usize>task * 2 * n + 2 * k) * block;
          v128.store(to, r0);
          v128.store(to + block, r1);
          to = from + 2 * n * matrix + GAP + (<usize>task * n + k) * block;
          v128.store(to, f32x4.add(r0, r2));
          to = from + 3 * n * matrix + 2 * GAP + (<usize>task * 2 * n + 2 * k) * block;
          v128.store(to, r2);
          v128.store(to + block, r1);
        }
        from += 5 * n * matrix + 3 * GAP;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function storeRow(x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, dst: usize, step: usize): void {
  v128.store(dst, f32x4.sub(x0, x2));
  v128.store(dst + step, x1);
  v128.store(dst + 2 * step, x2);
  v128.store(dst + 3 * step, f32x4.sub(x4, x2));
  v128.store(dst + 4 * step, x3);
}

/** A 5×5 tile of x for four channels: 25 vectors, `step` bytes apart. */
export function transformTile5(p: usize, pixel: usize, rowBytes: usize, dst: usize, step: usize): void {
  const p2 = 2 * pixel, p3 = 3 * pixel, p4 = 4 * pixel, down = 5 * step;
  let q = p + 2 * rowBytes;
  const a = v128.load(q), b = v128.load(q + pixel), c = v128.load(q + p2), d = v128.load(q + p3), e = v128.load(q + p4);
  storeRow(
    f32x4.sub(v128.load(p), a), f32x4.sub(v128.load(p + pixel), b), f32x4.sub(v128.load(p + p2), c), f32x4.sub(v128.load(p + p3), d),
    f32x4.sub(v128.load(p + p4), e), dst, step,
  );
  storeRow(a, b, c, d, e, dst + 2 * down, step);
  q += 2 * rowBytes;
  storeRow(
    f32x4.sub(v128.load(q), a), f32x4.sub(v128.load(q + pixel), b), f32x4.sub(v128.load(q + p2), c), f32x4.sub(v128.load(q + p3), d),
    f32x4.sub(v128.load(q + p4), e), dst + 3 * down, step,
  );
  q = p + rowBytes;
  storeRow(v128.load(q), v128.load(q + pixel), v128.load(q + p2), v128.load(q + p3), v128.load(q + p4), dst + down, step);
  q += 2 * rowBytes;
  storeRow(v128.load(q), v128.load(q + pixel), v128.load(q + p2), v128.load(q + p3), v128.load(q + p4), dst + 4 * down, step);
}

// @ts-ignore: decorator
@inline
function storePair(l: v128, r: v128, dst: usize, step: usize): void {
  v128.store(dst, l);
  v128.store(dst + step, f32x4.add(l, r));
  v128.store(dst + 2 * step, r);
}

/** The factors of the groups of a 2×2 tile of dy (what lies outside counts as zero) for four channels: 9 vectors, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transformPairs(p: usize, pixel: usize, rowBytes: usize, right: bool, below: bool, dst: usize, step: usize): void {
  const zero = f32x4.splat(0);
  const a = v128.load(p), b = right ? v128.load(p + pixel) : zero;
  const c = below ? v128.load(p + rowBytes) : zero, d = right && below ? v128.load(p + rowBytes + pixel) : zero;
  storePair(a, b, dst, step);
  storePair(f32x4.add(a, c), f32x4.add(b, d), dst + 3 * step, step);
  storePair(c, d, dst + 6 * step, step);
}

/** Up to 2×2 outputs of a tile from the sums of its nine pairs of groups, for four channels. */
// @ts-ignore: decorator
@inline
function outputPairs(m: usize, step: usize, out: usize, pixel: usize, rowBytes: usize, right: bool, below: bool): void {
  const l = v128.load(m + 3 * step), c = v128.load(m + 4 * step), r = v128.load(m + 5 * step);
  let middle = f32x4.add(v128.load(m + step), c);
  v128.store(out, f32x4.add(f32x4.add(v128.load(m), l), middle));
  if (right) v128.store(out + pixel, f32x4.add(f32x4.add(v128.load(m + 2 * step), r), middle));
  if (!below) return;
  middle = f32x4.add(v128.load(m + 7 * step), c);
  v128.store(out + rowBytes, f32x4.add(f32x4.add(v128.load(m + 6 * step), l), middle));
  if (right) v128.store(out + rowBytes + pixel, f32x4.add(f32x4.add(v128.load(m + 8 * step), r), middle));
}

/**
 * One band of `bandRows` rows of tiles of an image, or the tiles of `images` whole ones: x [N,H,W,I] padded by (top, left),
 * out [N,h,w,O], I and O multiples of 4. Without `copy` all windows lie in x.
 */
export function stridedBand(
  x: usize, N: i32, H: i32, W: i32, I: i32, top: i32, left: i32, copy: i32, out: usize, h: i32, w: i32, O: i32,
  u: usize, images: i32, bandRows: i32, epilogue: usize, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const tilesX = (w + 1) >> 1, tilesY = (h + 1) >> 1;
  const bands = (tilesY + bandRows - 1) / bandRows;
  const n0 = (task / bands) * images, y0 = (task % bands) * bandRows;
  const tileRows = min(bandRows, tilesY - y0);
  const perImage = tileRows * tilesX;
  const tiles = min(images, N - n0) * perImage;
  const pixel = <usize>I << 2;
  const column = <usize>I * 24;
  const mRow = <usize>((O + 7) >> 3) << 5, mStep = <usize>BLOCK * mRow + GAP;
  const table = scratch + <usize>slot * slotBytes, six = table + TABLE;
  const v = six + SIX, m = v + <usize>(25 * BLOCK / 6) * column + 9 * GAP;
  let source = m + 9 * mStep, rowBytes = <usize>(4 * tilesX + 1) * pixel, imageBytes = <usize>(4 * tileRows + 1) * rowBytes;
  if (copy) {
    for (let n = 0; n * perImage < tiles; n++) {
      padCopy(x + <usize>(n0 + n) * H * W * pixel, source + <usize>n * imageBytes, H, W, I, top - 4 * y0, left, 4 * tileRows + 1, 4 * tilesX + 1);
    }
  } else {
    rowBytes = <usize>W * pixel;
    imageBytes = <usize>H * rowBytes;
    source = x + <usize>n0 * imageBytes + <usize>(4 * y0) * rowBytes;
  }
  const outPixel = <usize>O << 2, outRow = <usize>w * outPixel;
  for (let block = 0; block < tiles; block += BLOCK) {
    const count = min(BLOCK, tiles - block);
    const groups = (count + 5) / 6;
    tileTable(table, block, groups, tiles, perImage, tilesX, source, imageBytes, 4 * rowBytes, 4 * pixel);
    for (let g = 0; g < groups; g++) {
      for (let c = 0; c < I; c += 4) {
        for (let k = 0; k < 6; k++) {
          transformTile5(load<usize>(table + (<usize>(g * 6 + k) << 2)) + (<usize>c << 2), pixel, rowBytes, six + (k << 4), 96);
        }
        let base = v + <usize>c * 24;
        for (let p = 0; p < 3; p++) {
          for (let q = 0; q < 3; q++) {
            const rows = countOf(p), cols = countOf(q);
            let to = base + <usize>(g * rows * cols) * column;
            for (let a = firstOf(p); a < firstOf(p) + rows; a++) {
              for (let b = firstOf(q); b < firstOf(q) + cols; b++) {
                interleaveQuad(six + <usize>(a * 5 + b) * 96, to);
                to += column;
              }
            }
            base += <usize>(rows * cols * (BLOCK / 6)) * column + GAP;
          }
        }
      }
    }
    let from = v, factor = u, sums = m;
    for (let p = 0; p < 3; p++) {
      for (let q = 0; q < 3; q++) {
        const n = countOf(p) * countOf(q);
        product(from, factor, n * I, sums, mRow, groups);
        from += <usize>(n * (BLOCK / 6)) * column + GAP;
        factor += <usize>(n * I) * mRow + GAP;
        sums += mStep;
      }
    }
    for (let k = 0; k < count; k++) {
      const t = block + k;
      const at = t % perImage;
      const y = 2 * (y0 + at / tilesX), xx = 2 * (at % tilesX);
      const to = out + <usize>((n0 + t / perImage) * h + y) * outRow + <usize>xx * outPixel;
      const from = m + <usize>k * mRow;
      for (let c: usize = 0; c < outPixel; c += 16) outputPairs(from + c, mStep, to + c, outPixel, outRow, xx + 1 < w, y + 1 < h);
    }
  }
  for (let n = 0; n * perImage < tiles; n++) finishRows(epilogue, out, n0 + n, 2 * y0, min(h, 2 * (y0 + tileRows)), h, w, O);
}

// @ts-ignore: decorator
@inline
function put(p: usize, v: v128, add: bool): void {
  v128.store(p, add ? f32x4.add(v128.load(p), v) : v);
}

/**
 * Rows r0 … r1-1 and columns c0 … c1-1 of the 5×5 pixels that a tile's products are a share of, for four channels. Tiles overlap by
 * one: the first row (`above`) and column (`before`) are added to what the tiles before have stored. `five` is scratch for 25 vectors.
 */
export function spreadTile5(
  m: usize, step: usize, five: usize, dx: usize, pixel: usize, rowBytes: usize, r0: i32, r1: i32, c0: i32, c1: i32, above: bool, before: bool,
): void {
  const down = 5 * step;
  let q = five;
  for (let b = 0; b < 5; b++) {
    const first = v128.load(m), last = v128.load(m + 3 * down);
    v128.store(q, first);
    v128.store(q, v128.load(m + down), 80);
    v128.store(q, f32x4.sub(v128.load(m + 2 * down), f32x4.add(first, last)), 160);
    v128.store(q, v128.load(m + 4 * down), 240);
    v128.store(q, last, 320);
    m += step;
    q += 16;
  }
  for (let r = r0; r < r1; r++) {
    q = five + <usize>r * 80;
    const to = dx + <usize>r * rowBytes, add = above && r == 0;
    const first = v128.load(q), last = v128.load(q, 48);
    if (c0 == 0) put(to, first, add || before);
    if (c0 <= 1 && c1 > 1) put(to + pixel, v128.load(q, 16), add);
    if (c0 <= 2 && c1 > 2) put(to + 2 * pixel, f32x4.sub(v128.load(q, 32), f32x4.add(first, last)), add);
    if (c0 <= 3 && c1 > 3) put(to + 3 * pixel, v128.load(q, 64), add);
    if (c1 > 4) put(to + 4 * pixel, last, add);
  }
}

/**
 * The gradient by the input for one band of `bandRows` rows of tiles of an image, or for `images` whole ones: dy [N,h,w,O], dx
 * [N,H,W,I]. A band computes the row of tiles before it once more for the row of pixels that both reach.
 */
export function stridedInputGrad(
  dy: usize, N: i32, h: i32, w: i32, O: i32, dx: usize, H: i32, W: i32, I: i32, top: i32, left: i32,
  u: usize, images: i32, bandRows: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const tilesX = (w + 1) >> 1, tilesY = (h + 1) >> 1;
  const bands = (tilesY + bandRows - 1) / bandRows;
  const n0 = (task / bands) * images, own = (task % bands) * bandRows;
  const y0 = max(0, own - 1), y1 = min(tilesY, own + bandRows);
  const perImage = (y1 - y0) * tilesX;
  const tiles = min(images, N - n0) * perImage;
  const pixel = <usize>O << 2, rowBytes = <usize>w * pixel;
  const vGroup = <usize>O * 24, vStep = <usize>(BLOCK / 6) * vGroup + GAP;
  const mRow = <usize>((I + 7) >> 3) << 5, mStep = <usize>BLOCK * mRow + GAP;
  const table = scratch + <usize>slot * slotBytes, six = table + TABLE;
  const v = six + SIX, m = v + 9 * vStep;
  const source = dy + <usize>((n0 * h + 2 * y0) * w) * pixel;
  const dxPixel = <usize>I << 2, dxRow = <usize>W * dxPixel;
  for (let block = 0; block < tiles; block += BLOCK) {
    const count = min(BLOCK, tiles - block);
    const groups = (count + 5) / 6;
    tileTable(table, block, groups, tiles, perImage, tilesX, source, <usize>h * rowBytes, 2 * rowBytes, 2 * pixel);
    for (let g = 0; g < groups; g++) {
      let right = 0, below = 0;
      for (let k = 0; k < 6; k++) {
        const at = min(block + g * 6 + k, tiles - 1) % perImage;
        right |= i32(2 * (at % tilesX) + 1 < w) << k;
        below |= i32(2 * (y0 + at / tilesX) + 1 < h) << k;
      }
      for (let c = 0; c < O; c += 4) {
        for (let k = 0; k < 6; k++) {
          const p = load<usize>(table + (<usize>(g * 6 + k) << 2)) + (<usize>c << 2);
          transformPairs(p, pixel, rowBytes, ((right >> k) & 1) != 0, ((below >> k) & 1) != 0, six + (k << 4), 96);
        }
        let to = v + <usize>g * vGroup + <usize>c * 24;
        for (let j: usize = 0; j < 864; j += 96) {
          interleaveQuad(six + j, to);
          to += vStep;
        }
      }
    }
    for (let p = 0; p < 3; p++) {
      for (let q = 0; q < 3; q++) {
        for (let a = firstOf(p); a < firstOf(p) + countOf(p); a++) {
          for (let b = firstOf(q); b < firstOf(q) + countOf(q); b++) {
            const factor = u + <usize>(4 * weightOf(a) + weightOf(b)) * (<usize>O * mRow + GAP);
            product(v + <usize>(3 * p + q) * vStep, factor, O, m + <usize>(5 * a + b) * mStep, mRow, groups);
          }
        }
      }
    }
    for (let k = 0; k < count; k++) {
      const t = block + k;
      const at = t % perImage;
      const ty = y0 + at / tilesX, tx = at % tilesX;
      const y = 4 * ty - top, xx = 4 * tx - left;
      // The last row of pixels belongs to the next row of tiles, and what lies outside of dx to nobody.
      const r0 = max(ty < own ? 4 : 0, -y), r1 = min(ty + 1 < y1 || y1 == tilesY ? 5 : 4, H - y);
      const c0 = max(0, -xx), c1 = min(5, W - xx);
      const to = dx + ((<isize>(n0 + t / perImage) * H + y) * W + xx) * <isize>dxPixel;
      const from = m + <usize>k * mRow;
      for (let c: usize = 0; c < dxPixel; c += 16) spreadTile5(from + c, mStep, six, to + c, dxPixel, dxRow, r0, r1, c0, c1, ty > 0, tx > 0);
    }
  }
}

/** The sums of one group of rows of tiles for the filter's gradient: partial[task][16][I6][O8], I6 and O8 being I and O rounded up to 6 and 8. */
export function stridedGradBands(
  x: usize, N: i32, H: i32, W: i32, I: i32, top: i32, left: i32, copy: i32, dy: usize, h: i32, w: i32, O: i32,
  partial: usize, groups: i32, bandRows: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const tilesX = (w + 1) >> 1, tilesY = (h + 1) >> 1;
  const bands = (tilesY + bandRows - 1) / bandRows;
  const units = N * bands;
  const I6 = ((I + 5) / 6) * 6, O8 = (O + 7) & ~7;
  const pixel = <usize>I << 2, dyPixel = <usize>O << 2, dyRow = <usize>w * dyPixel, gRow = <usize>O8 << 2;
  const vStep = <usize>GRAD_BLOCK * pixel + GAP, gStep = <usize>GRAD_BLOCK * gRow + GAP;
  const v = scratch + <usize>slot * slotBytes;
  const g = v + 25 * vStep + 64; // a row's last block of six may read beyond it
  const m = partial + ((<usize>(task * 16 * I6 * O8)) << 2);
  memory.fill(m, 0, (<usize>(16 * I6 * O8)) << 2);
  if (O8 != O) memory.fill(g, 0, 9 * gStep);
  const end = (units * (task + 1)) / groups;
  let filled = 0;
  for (let unit = (units * task) / groups; unit < end; unit++) {
    const n = unit / bands, y0 = (unit % bands) * bandRows;
    const tileRows = min(bandRows, tilesY - y0);
    const tiles = tileRows * tilesX;
    let source = g + 9 * gStep, rowBytes = <usize>(4 * tilesX + 1) * pixel;
    if (copy) {
      padCopy(x + <usize>n * H * W * pixel, source, H, W, I, top - 4 * y0, left, 4 * tileRows + 1, 4 * tilesX + 1);
    } else {
      rowBytes = <usize>W * pixel;
      source = x + <usize>(n * H + 4 * y0) * rowBytes;
    }
    for (let t = 0; t < tiles; t++) {
      const ty = t / tilesX, tx = t % tilesX;
      const p = source + <usize>(4 * ty) * rowBytes + <usize>(4 * tx) * pixel;
      for (let c: usize = 0; c < pixel; c += 16) transformTile5(p + c, pixel, rowBytes, v + <usize>filled * pixel + c, vStep);
      const y = 2 * (y0 + ty), xx = 2 * tx;
      const q = dy + <usize>(n * h + y) * dyRow + <usize>xx * dyPixel;
      for (let c: usize = 0; c < dyPixel; c += 16) {
        transformPairs(q + c, dyPixel, dyRow, xx + 1 < w, y + 1 < h, g + <usize>filled * gRow + c, gStep);
      }
      filled++;
      if (filled < GRAD_BLOCK && (t + 1 < tiles || unit + 1 < end)) continue;
      addPairs(v, vStep, pixel, g, gStep, gRow, filled, m, I, <usize>I6 * gRow);
      filled = 0;
    }
  }
}

/** Adds the products of `count` tiles to the sixteen matrices of m, `matrix` bytes apart. */
function addPairs(v: usize, vStep: usize, pixel: usize, g: usize, gStep: usize, gRow: usize, count: i32, m: usize, I: i32, matrix: usize): void {
  for (let p = 0; p < 3; p++) {
    for (let q = 0; q < 3; q++) {
      for (let a = firstOf(p); a < firstOf(p) + countOf(p); a++) {
        for (let b = firstOf(q); b < firstOf(q) + countOf(q); b++) {
          const from = v + <usize>(5 * a + b) * vStep, to = m + <usize>(4 * weightOf(a) + weightOf(b)) * matrix;
          addProducts(1, from, 0, pixel, g, 0, gRow, count, to, I, 0);
        }
      }
      g += gStep;
    }
  }
}

/** The taps of an axis from the gradients by w0, w1, w0+w2 and w2: three vectors, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function storeTaps(s0: v128, s1: v128, s2: v128, s3: v128, to: usize, step: usize): void {
  v128.store(to, f32x4.add(s0, s2));
  v128.store(to + step, s1);
  v128.store(to + 2 * step, f32x4.add(s2, s3));
}

/** Channel in `task` of dw [3,3,I,O] from Σ_g partial[g]. Scratch for 28 vectors a thread. */
export function stridedGradFilter(partial: usize, dw: usize, I: i32, O: i32, groups: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32): void {
  const I6 = ((I + 5) / 6) * 6, O8 = (O + 7) & ~7;
  const matrix = (<usize>(I6 * O8)) << 2;
  const tap = (<usize>(I * O)) << 2, row = <usize>O << 2;
  const sums = scratch + <usize>slot * slotBytes, half = sums + 256;
  for (let c: usize = 0; c < row; c += 16) {
    const from = partial + ((<usize>(task * O8)) << 2) + c;
    sumGroups(16, from, matrix, groups, sums);
    for (let b: usize = 0; b < 64; b += 16) {
      const q = sums + b;
      storeTaps(v128.load(q), v128.load(q, 64), v128.load(q, 128), v128.load(q, 192), half + b, 64);
    }
    let to = dw + ((<usize>(task * O)) << 2) + c;
    for (let q = half; q < half + 192; q += 64) {
      storeTaps(v128.load(q), v128.load(q, 16), v128.load(q, 32), v128.load(q, 48), to, tap);
      to += 3 * tap;
    }
  }
}
