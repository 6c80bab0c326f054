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
  const out = heap.output(shape);
  heap.kernels.sumMiddle(heap.address(x), heap.address(out), plan.outer, plan.mid, plan.inner, mean ? 1 / plan.mid : 1);
  return out;
}
