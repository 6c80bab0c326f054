import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvAttrs } from '@spatialgan/ops';
import { type ConvStyling, placeStyling, STYLING_BYTES } from './convStyling.js';
import type { WasmHeap } from './heap.js';
import { stridedConv, stridedFilterGrad, stridedFits, stridedInputGrad } from './strided.js';
import { planOf, type Windows } from './windows.js';
import { winogradConv, winogradFilterGrad, winogradFits } from './winograd.js';

type Shape4 = readonly [number, number, number, number];
type SizedAttrs = ConvAttrs & { readonly size: readonly [number, number] };

const shape4 = (t: TensorInfo): Shape4 => t.shape as unknown as Shape4;
/** Scratch of windowProduct: a tile of six pixels by 640 window entries, and one tile of the result. */
export const TILE_BYTES = (6 * 640 + 48) * 4;
/** Bytes of a packed matrix [K,O]. */
export const packedBytes = (K: number, O: number): number => K * (Math.ceil(O / 4) * 4) * 4;

interface Target {
  readonly address: number;
  readonly imageBytes: number;
  readonly rowBytes: number;
  readonly colBytes: number;
  /** Only where the outputs lie without gaps; styles only where the windows are not in place. */
  readonly styling?: ConvStyling | undefined;
}

interface Packing {
  readonly filter: TensorInfo;
  readonly kw: number;
  readonly I: number;
  readonly O: number;
  readonly transposed: boolean;
  readonly row: readonly [first: number, step: number];
  readonly col: readonly [first: number, step: number];
}

/** Products of all windows with a packed filter. */
function convolve(heap: WasmHeap, windows: Windows, packing: Packing, { styling, ...to }: Target): void {
  const { x, top, left, stride, taps, outputs: [h, w], inPlace } = windows;
  const { Wp, rowBytes, rows, tasks, image } = planOf(windows);
  const [, H, W, C] = shape4(x);
  const outs = packing.transposed ? packing.I : packing.O;
  const slot = (TILE_BYTES + image + 127) & ~63;
  const tile = (TILE_BYTES + 63) & ~63;
  const { filter, kw, I, O, transposed, row, col } = packing;
  // Up to four outputs leave lanes of a vector of outputs empty; vectors along the window do not.
  const narrow = outs <= 4 && (taps[1] * C) % 4 === 0;
  const sizes = [packedBytes(taps[0] * taps[1] * C, outs), rows * w * 4, rows * w * 4];
  const [packed, xTable, outTable] = heap.prepare([filter], sizes, ([toPacked, toX, toOut]) => {
    heap.kernels[narrow ? 'packNarrow' : 'packFilter'](heap.address(filter), toPacked!, taps[0], ...row, taps[1], ...col, kw, I, O, transposed ? 1 : 0);
    heap.kernels.offsetTable(toX!, rows, w, 0, stride * rowBytes, stride * C * 4);
    heap.kernels.offsetTable(toOut!, rows, w, 0, to.rowBytes, to.colBytes);
  }) as [number, number, number];
  const [scratch, words] = heap.scratch(slot * heap.threads, STYLING_BYTES) as [number, number];
  heap.run('convBand', tasks, [
    heap.address(x), H * W * C * 4, H, W, C, top, left, Wp, inPlace ? 0 : 1, xTable, to.address, to.imageBytes, to.rowBytes, outTable,
    h, w, rows, stride, taps[0], taps[1] * C, packed, outs, narrow ? 1 : 0,
    ...placeStyling(heap, styling, words, h * w), scratch, slot, tile,
  ]);
}

/**
 * Forward convolution: Winograd's forms for 3×3 of stride 1 or 2, else one matrix product over the windows. Styled, a task styles its rows when it
 * has copied them and finishes those it has written, to the same bits as kernels of their own.
 */
export function conv2dForward(heap: WasmHeap, x: TensorInfo, filter: TensorInfo, { stride, padding }: ConvAttrs, styling?: ConvStyling): TensorInfo {
  const [N, H, W] = shape4(x);
  const [kh, kw, I, O] = shape4(filter);
  const [t, b, l, r] = padding;
  const [h, w] = [Math.floor((H + t + b - kh) / stride) + 1, Math.floor((W + l + r - kw) / stride) + 1];
  if (winogradFits(shape4(filter), stride)) return winogradConv(heap, { x, filter, transposed: false, top: t, left: l, size: [h, w], styling });
  if (stridedFits(shape4(filter), stride)) return stridedConv(heap, { x, filter, top: t, left: l, size: [h, w] }, styling);
  const out = heap.output([N, h, w, O]);
  convolve(
    heap,
    { x, top: t, left: l, stride, taps: [kh, kw], outputs: [h, w], inPlace: t + b + l + r === 0 && !styling?.styles },
    { filter, kw, I, O, transposed: false, row: [0, 1], col: [0, 1] },
    { address: heap.address(out), imageBytes: h * w * O * 4, rowBytes: w * O * 4, colBytes: O * 4, styling },
  );
  return out;
}

/** One axis of one phase of the input gradient: the outputs first, first + stride, … see the same taps. */
interface Phase {
  readonly first: number;
  readonly count: number;
  /** Number of taps, and the filter index of the earliest window entry. */
  readonly taps: number;
  readonly tap0: number;
  /** Index into dy of the first output's window. */
  readonly start: number;
}

/** dx[i] = Σ_k dy[(i + pad - k) / stride] · w[k] over the k that divide: stride many phases, each a plain convolution. */
function phasesOf(size: number, kernel: number, { stride, pad }: { readonly stride: number; readonly pad: number }): Phase[] {
  const phases: Phase[] = [];
  for (let first = 0; first < Math.min(stride, size); first++) {
    const residue = (first + pad) % stride;
    const taps = Math.ceil((kernel - residue) / stride);
    if (taps <= 0) continue;
    phases.push({
      first,
      count: Math.ceil((size - first) / stride),
      taps,
      tap0: residue + stride * (taps - 1),
      start: (first + pad - residue) / stride - (taps - 1),
    });
  }
  return phases;
}

/** Gradient of the convolution with respect to x. */
export function conv2dInputGrad(heap: WasmHeap, dy: TensorInfo, filter: TensorInfo, { stride, padding, size }: SizedAttrs): TensorInfo {
  const [N, h, w] = shape4(dy);
  const [kh, kw, I, O] = shape4(filter);
  const [H, W] = size;
  if (winogradFits(shape4(filter), stride)) {
    return winogradConv(heap, { x: dy, filter, transposed: true, top: kh - 1 - padding[0], left: kw - 1 - padding[2], size });
  }
  if (stridedFits(shape4(filter), stride)) return stridedInputGrad(heap, { dy, filter, top: padding[0], left: padding[2], size });
  const rows = phasesOf(H, kh, { stride, pad: padding[0] });
  const cols = phasesOf(W, kw, { stride, pad: padding[2] });
  const dx = heap.output([N, H, W, I]);
  if (stride > 1 && rows.length * cols.length < stride * stride) heap.clear(dx);
  for (const row of rows) {
    for (const col of cols) {
      const inPlace = row.start === 0 && col.start === 0 && row.count + row.taps - 1 <= h && col.count + col.taps - 1 <= w;
      const windows = { x: dy, top: -row.start, left: -col.start, stride: 1, taps: [row.taps, col.taps] as const, outputs: [row.count, col.count] as const, inPlace };
      convolve(
        heap, windows,
        { filter, kw, I, O, transposed: true, row: [row.tap0, -stride], col: [col.tap0, -stride] },
        {
          address: heap.address(dx) + (row.first * W + col.first) * I * 4, imageBytes: H * W * I * 4,
          rowBytes: stride * W * I * 4, colBytes: stride * I * 4,
        },
      );
    }
  }
  return dx;
}

/** Entries of a sum over groups that one task adds. */
const CHUNK = 4096;

/** Gradient of the convolution with respect to the filter. */
export function conv2dFilterGrad(heap: WasmHeap, x: TensorInfo, dy: TensorInfo, { stride, padding, size }: SizedAttrs): TensorInfo {
  const [N, H, W, I] = shape4(x);
  const [, h, w, O] = shape4(dy);
  const [kh, kw] = size;
  const [t, b, l, r] = padding;
  if (winogradFits([kh, kw, I, O], stride)) return winogradFilterGrad(heap, x, dy, [t, l]);
  if (stridedFits([kh, kw, I, O], stride)) return stridedFilterGrad(heap, x, dy, [t, l]);
  const inPlace = t + b + l + r === 0;
  const { Wp, rowBytes, rows, tasks, image } = planOf({ x, top: t, left: l, stride, taps: size, outputs: [h, w], inPlace });
  const groups = Math.min(tasks, 4);
  const entries = kh * kw * I * O;
  const slot = (image + 63) & ~63;
  const dw = heap.output([kh, kw, I, O]);
  const [xTable, partial, scratch] = heap.scratch(rows * w * 4, groups * entries * 4, slot * heap.threads) as [number, number, number];
  heap.kernels.offsetTable(xTable, rows, w, 0, stride * rowBytes, stride * I * 4);
  heap.run('filterGradBands', groups, [
    heap.address(x), N, H, W, I, t, l, Wp, inPlace ? 0 : 1, xTable, heap.address(dy), h, w, rows, stride, kh, kw * I, O,
    partial, groups, scratch, slot,
  ]);
  const narrow = O <= 4;
  heap.run('addGroups', Math.ceil(entries / CHUNK), [partial, narrow ? partial : heap.address(dw), entries, groups, CHUNK]);
  if (narrow) heap.kernels.transpose2d(partial, heap.address(dw), O, entries / O);
  return dw;
}
