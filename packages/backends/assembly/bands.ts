// Tasks: a kernel's work in pieces that write apart, so that any thread may take any of them and the result is the same.
import { padCopy, windowProduct } from './conv';
import { finishRows, scalePixels } from './convStyling';
import { narrowFilterGrad, windowFilterGrad } from './filterGrad';
import { narrowWindows } from './narrow';
import { shortProduct } from './short';

/**
 * One band of output rows of one image of a convolution over windows. The tables are those of a whole band, relative to
 * its first row; the band's padded rows are copied to the thread's scratch unless `copy` is 0, and only then multiplied by `styles` [N,C]. With an
 * `epilogue` (convStyling.ts) the outputs lie without gaps.
 */
export function convBand(
  x: usize, imageBytes: i32, H: i32, W: i32, C: i32, top: i32, left: i32, Wp: i32, copy: i32,
  xTable: usize, out: usize, outImageBytes: i32, outRowBytes: i32, outTable: usize,
  outRows: i32, cols: i32, bandRows: i32, stride: i32, rows: i32, rowLen: i32, packed: usize, O: i32, narrow: i32,
  styles: usize, epilogue: usize, scratch: usize, slotBytes: i32, tileBytes: i32, task: i32, slot: i32,
): void {
  const bands = (outRows + bandRows - 1) / bandRows;
  const n = task / bands, y0 = (task % bands) * bandRows;
  const count = min(bandRows, outRows - y0);
  const rowBytes = (Wp * C) << 2;
  const tile = scratch + <usize>slot * slotBytes;
  let source = x + <usize>n * imageBytes;
  if (copy) {
    const image = tile + tileBytes;
    const copied = (count - 1) * stride + rows;
    padCopy(source, image, H, W, C, top - y0 * stride, left, copied, Wp);
    if (styles) scalePixels(image, copied * Wp, C, styles + (<usize>(n * C) << 2));
    source = image;
  } else {
    source += <usize>(y0 * stride) * rowBytes;
  }
  const to = out + <usize>n * outImageBytes + <usize>y0 * outRowBytes;
  if (narrow) narrowWindows(source, xTable, to, outTable, count * cols, rows, rowBytes, rowLen, packed, O, tile);
  else if (rows == 1 && rowLen <= 4 && (O & 7) == 0) shortProduct(source, xTable, to, outTable, count * cols, rowLen, packed, O);
  else windowProduct(source, xTable, to, outTable, count * cols, rows, rowBytes, rowLen, packed, O, tile);
  finishRows(epilogue, out, n, y0, y0 + count, outRows, cols, O);
}

/** The share of one group of bands in the filter gradient, [rows·rowLen,O] of `partial` (up to four outputs: [O,rows·rowLen]); the groups are added afterwards. */
export function filterGradBands(
  x: usize, N: i32, H: i32, W: i32, C: i32, top: i32, left: i32, Wp: i32, copy: i32,
  xTable: usize, dy: usize, outRows: i32, cols: i32, bandRows: i32, stride: i32, rows: i32, rowLen: i32, O: i32,
  partial: usize, groups: i32, scratch: usize, slotBytes: i32, task: i32, slot: i32,
): void {
  const bands = (outRows + bandRows - 1) / bandRows;
  const units = N * bands;
  const size = <usize>(rows * rowLen * O) << 2;
  const rowBytes = (Wp * C) << 2;
  const dw = partial + <usize>task * size;
  const image = scratch + <usize>slot * slotBytes;
  memory.fill(dw, 0, size);
  const end = (units * (task + 1)) / groups;
  for (let unit = (units * task) / groups; unit < end; unit++) {
    const n = unit / bands, y0 = (unit % bands) * bandRows;
    const count = min(bandRows, outRows - y0);
    let source = x + ((<usize>n * H * W * C) << 2);
    if (copy) {
      padCopy(source, image, H, W, C, top - y0 * stride, left, (count - 1) * stride + rows, Wp);
      source = image;
    } else {
      source += <usize>(y0 * stride) * rowBytes;
    }
    const dyBand = dy + (<usize>((n * outRows + y0) * cols * O) << 2);
    if (O <= 4) narrowFilterGrad(source, xTable, dyBand, count * cols, rows, rowBytes, rowLen, dw, O);
    else windowFilterGrad(source, xTable, dyBand, count * cols, rows, rowBytes, rowLen, dw, O);
  }
}

/** Entries [task·chunk, …) of out = Σ_g partial[g]; may be in place of the first. */
export function addGroups(partial: usize, out: usize, size: i32, groups: i32, chunk: i32, task: i32, slot: i32): void {
  const from = task * chunk, to = min(size, from + chunk);
  const step = <usize>size << 2;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    let p = partial + (<usize>i << 2);
    let s = v128.load(p);
    for (let g = 1; g < groups; g++) {
      p += step;
      s = f32x4.add(s, v128.load(p));
    }
    v128.store(out + (<usize>i << 2), s);
  }
  for (; i < to; i++) {
    let p = partial + (<usize>i << 2);
    let s = f32.load(p);
    for (let g = 1; g < groups; g++) {
      p += step;
      s += f32.load(p);
    }
    f32.store(out + (<usize>i << 2), s);
  }
}
