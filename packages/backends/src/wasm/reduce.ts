import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { WasmHeap } from './heap.js';

interface ReduceAttrs {
  readonly axis: number | number[];
  readonly keepDims?: boolean;
}

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** The reduced axes as one axis between two others, or null when they are not neighbours. */
function middleAxis(shape: readonly number[], axes: readonly number[]): { outer: number; mid: number; inner: number } | null {
  const reduced = axes.filter((axis) => shape[axis] !== 1).sort((a, b) => a - b);
  if (reduced.length === 0) return { outer: product(shape), mid: 1, inner: 1 };
  const [first, last] = [reduced[0]!, reduced[reduced.length - 1]!];
  for (let axis = first; axis <= last; axis++) if (shape[axis] !== 1 && !reduced.includes(axis)) return null;
  return { outer: product(shape.slice(0, first)), mid: product(shape.slice(first, last + 1)), inner: product(shape.slice(last + 1)) };
}

/** Sum or mean over neighbouring axes of a float tensor; null when it is none of those. */
export function reduceSum(heap: WasmHeap, x: TensorInfo, { axis, keepDims }: ReduceAttrs, mean: boolean): TensorInfo | null {
  if (x.dtype !== 'float32') return null;
  const axes = util.parseAxisParam(axis, x.shape);
  const plan = middleAxis(x.shape, axes);
  if (!plan || plan.outer * plan.mid * plan.inner === 0) return null;
  const shape = keepDims ? x.shape.map((size, i) => (axes.includes(i) ? 1 : size)) : x.shape.filter((_, i) => !axes.includes(i));
  return sumOver(heap, x, shape, { ...plan, scale: mean ? 1 / plan.mid : 1 });
}

/** Entries that one task sums. */
const PIECE = 16384;

interface Middle {
  readonly outer: number;
  readonly mid: number;
  readonly inner: number;
  readonly scale: number;
}

/** scale · Σ over the middle axis; a long one in pieces that do not depend on the number of threads. */
function sumOver(heap: WasmHeap, x: TensorInfo, shape: readonly number[], { outer, mid, inner, scale }: Middle): TensorInfo {
  const out = heap.output(shape);
  const pieceRows = Math.max(64, Math.ceil(PIECE / inner / 64) * 64);
  const pieces = Math.ceil(mid / pieceRows);
  const [from, to] = [heap.address(x), heap.address(out)];
  if (pieces === 1) {
    const chunk = Math.max(1, Math.ceil(PIECE / (mid * inner)));
    heap.run('sumPieces', Math.ceil(outer / chunk), [from, to, outer, mid, inner, mid, 1, chunk, scale]);
    return out;
  }
  const [partial] = heap.scratch(outer * pieces * inner * 4) as [number];
  heap.run('sumPieces', outer * pieces, [from, partial, outer, mid, inner, pieceRows, pieces, 1, 1]);
  heap.run('sumPieces', 1, [partial, to, outer, pieces, inner, pieces, 1, outer, scale]);
  return out;
}

/** [N,h,w,C] → [N,1,1,C]. */
export function spatialSum(heap: WasmHeap, x: TensorInfo): TensorInfo {
  const [N, h, w, C] = x.shape as [number, number, number, number];
  return sumOver(heap, x, [N, 1, 1, C], { outer: N, mid: h * w, inner: C, scale: 1 });
}

/** [..,C] → [C]. */
export function columnSum(heap: WasmHeap, x: TensorInfo): TensorInfo {
  const C = x.shape[x.shape.length - 1]!;
  return sumOver(heap, x, [C], { outer: 1, mid: product(x.shape) / C, inner: C, scale: 1 });
}
