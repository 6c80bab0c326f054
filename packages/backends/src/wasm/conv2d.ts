import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';

type Shape4 = readonly [number, number, number, number];
type SizedAttrs = ConvAttrs & { readonly size: readonly [number, number] };

const shape4 = (t: TensorInfo): Shape4 => t.shape as unknown as Shape4;
/** Scratch of windowProduct: a tile of six pixels by 640 window entries, and one tile of the result. */
export const TILE_BYTES = (6 * 640 + 48) * 4;
/** Bytes of a packed matrix [K,O]. */
export const packedBytes = (K: number, O: number): number => K * (Math.ceil(O / 4) * 4) * 4;

/** Forward convolution: one matrix product over the windows of each padded image. */
export function conv2dForward(heap: WasmHeap, x: TensorInfo, filter: TensorInfo, { stride, padding }: ConvAttrs): TensorInfo {
  const { kernels } = heap;
  const [N, H, W, I] = shape4(x);
  const [kh, kw, , O] = shape4(filter);
  const [t, b, l, r] = padding;
  const [Hp, Wp] = [H + t + b, W + l + r];
  const [h, w] = [Math.floor((Hp - kh) / stride) + 1, Math.floor((Wp - kw) / stride) + 1];
  const out = heap.output([N, h, w, O]);
  const inPlace = t + b + l + r === 0;
  const [packed, xTable, outTable, image, tile] = heap.scratch(
    packedBytes(kh * kw * I, O), h * w * 4, h * w * 4, inPlace ? 0 : Hp * Wp * I * 4, TILE_BYTES,
  ) as [number, number, number, number, number];
  kernels.packFilter(heap.address(filter), packed, kh, 0, 1, kw, 0, 1, kw, I, O, 0);
  kernels.offsetTable(xTable, h, w, 0, stride * Wp * I * 4, stride * I * 4);
  kernels.offsetTable(outTable, h, w, 0, w * O * 4, O * 4);
  const [from, to] = [heap.address(x), heap.address(out)];
  for (let n = 0; n < N; n++) {
    const source = from + n * H * W * I * 4;
    if (!inPlace) kernels.padCopy(source, image, H, W, I, t, l, Hp, Wp);
    kernels.windowProduct(inPlace ? source : image, xTable, to + n * h * w * O * 4, outTable, h * w, kh, Wp * I * 4, kw * I, packed, O, tile);
  }
  return out;
}

/** One axis of one phase of the input gradient: the outputs first, first + stride, … see the same taps. */
interface Phase {
  readonly first: number;
  readonly count: number;
  /** Number of taps, the filter index of the earliest window entry, and the step to the next. */
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

/** Rows (or columns) of zeros that the windows need before and behind dy. */
const margins = (phases: readonly Phase[], size: number): readonly [number, number] => [
  Math.max(0, ...phases.map(({ start }) => -start)),
  Math.max(0, ...phases.map(({ start, count, taps }) => start + count - 1 + taps - size)),
];

/** Gradient of the convolution with respect to x. */
export function conv2dInputGrad(heap: WasmHeap, dy: TensorInfo, filter: TensorInfo, { stride, padding, size }: SizedAttrs): TensorInfo {
  const { kernels } = heap;
  const [N, h, w, O] = shape4(dy);
  const [kh, kw, I] = shape4(filter);
  const [H, W] = size;
  const rows = phasesOf(H, kh, { stride, pad: padding[0] });
  const cols = phasesOf(W, kw, { stride, pad: padding[2] });
  const [top, bottom] = margins(rows, h);
  const [left, right] = margins(cols, w);
  const [hp, wp] = [h + top + bottom, w + left + right];
  const dx = heap.output([N, H, W, I]);
  if (stride > 1 && rows.length * cols.length < stride * stride) heap.clear(dx);
  const inPlace = hp === h && wp === w;
  const plans = rows.flatMap((row) => cols.map((col) => ({ row, col })));
  const areas = heap.scratch(
    inPlace ? 0 : hp * wp * O * 4, TILE_BYTES,
    ...plans.flatMap(({ row, col }) => [packedBytes(row.taps * col.taps * O, I), row.count * col.count * 4, row.count * col.count * 4]),
  );
  const [image, tile] = areas as [number, number];
  const phases = plans.map(({ row, col }, i) => {
    const [packed, xTable, outTable] = areas.slice(2 + 3 * i, 5 + 3 * i) as [number, number, number];
    kernels.packFilter(heap.address(filter), packed, row.taps, row.tap0, -stride, col.taps, col.tap0, -stride, kw, I, O, 1);
    kernels.offsetTable(xTable, row.count, col.count, ((row.start + top) * wp + col.start + left) * O * 4, wp * O * 4, O * 4);
    kernels.offsetTable(outTable, row.count, col.count, (row.first * W + col.first) * I * 4, stride * W * I * 4, stride * I * 4);
    return { row, col, packed, xTable, outTable };
  });
  const [from, to] = [heap.address(dy), heap.address(dx)];
  for (let n = 0; n < N; n++) {
    const source = from + n * h * w * O * 4;
    if (!inPlace) kernels.padCopy(source, image, h, w, O, top, left, hp, wp);
    for (const { row, col, packed, xTable, outTable } of phases) {
      kernels.windowProduct(
        inPlace ? source : image, xTable, to + n * H * W * I * 4, outTable, row.count * col.count,
        row.taps, wp * O * 4, col.taps * O, packed, I, tile,
      );
    }
  }
  return dx;
}

/** Gradient of the convolution with respect to the filter. */
export function conv2dFilterGrad(heap: WasmHeap, x: TensorInfo, dy: TensorInfo, { stride, padding, size }: SizedAttrs): TensorInfo {
  const { kernels } = heap;
  const [N, H, W, I] = shape4(x);
  const [, h, w, O] = shape4(dy);
  const [kh, kw] = size;
  const [t, b, l, r] = padding;
  const [Hp, Wp] = [H + t + b, W + l + r];
  const inPlace = t + b + l + r === 0;
  const dw = heap.output([kh, kw, I, O]);
  heap.clear(dw);
  const [xTable, image] = heap.scratch(h * w * 4, inPlace ? 0 : Hp * Wp * I * 4) as [number, number];
  kernels.offsetTable(xTable, h, w, 0, stride * Wp * I * 4, stride * I * 4);
  const [from, grad] = [heap.address(x), heap.address(dy)];
  for (let n = 0; n < N; n++) {
    const source = from + n * H * W * I * 4;
    if (!inPlace) kernels.padCopy(source, image, H, W, I, t, l, Hp, Wp);
    kernels.windowFilterGrad(inPlace ? source : image, xTable, grad + n * h * w * O * 4, h * w, kh, Wp * I * 4, kw * I, heap.address(dw), O);
  }
  return dw;
}
