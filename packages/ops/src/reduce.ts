import { avgPool, fill, getBackend, matMul, mul, reshape, sum, type Tensor, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import { type KernelOp, runKernelOp } from './fusedOp.js';
import { COLUMN_SUM, SPATIAL_SUM } from './kernelNames.js';

interface ShapeAttrs {
  readonly shape: readonly number[];
}

/** Repeats a tensor over the axes where it has size one. Faster than tile on every backend; differentiable: any order. */
export const broadcast = (x: Tensor, shape: readonly number[]): Tensor => mul(x, fill([...shape], 1));

// tfjs-wasm transposes before it reduces an outer axis; a pool or a matrix product reads the memory once, 15 times faster.
const onWasm = (): boolean => getBackend() === 'wasm';

/** [N,h,w,C] → [N,1,1,C]; first rows, then columns, so that no long float sum loses digits. */
function plainSpatialSum({ x }: Readonly<Record<string, Tensor>>): Tensor {
  if (!onWasm()) return sum(x!, [1, 2], true);
  const [, h, w] = x!.shape as [number, number, number, number];
  return mul(avgPool(avgPool(x as Tensor4D, [1, w], 1, 'valid'), [h, 1], 1, 'valid'), h * w);
}

/** [..,C] → [C]. */
function plainColumnSum({ x }: Readonly<Record<string, Tensor>>): Tensor {
  if (!onWasm()) return sum(x!, Array.from({ length: x!.rank - 1 }, (_, i) => i));
  const C = x!.shape[x!.rank - 1]!;
  const last = x!.rank > 2 ? x!.shape[x!.rank - 2]! : 1;
  const rows = x!.size / C / last;
  const once = matMul(fill([1, rows], 1), reshape(x!, [rows, last * C]));
  return reshape(last === 1 ? once : matMul(fill([1, last], 1), reshape(once, [last, C])), [C]);
}

const reduction = (kernelName: string, forward: KernelOp<ShapeAttrs>['forward']): KernelOp<ShapeAttrs> => ({
  kernelName,
  forward,
  gradient: { gradFunc: (dy, _, attrs) => ({ x: () => broadcast(dy as Tensor, attrs['shape'] as number[]) }) },
});

const spatialOp = /* @__PURE__ */ reduction(SPATIAL_SUM, plainSpatialSum);
const columnOp = /* @__PURE__ */ reduction(COLUMN_SUM, plainColumnSum);

/** Sum over the pixels, [N,h,w,C] → [N,1,1,C]. Differentiable: any order. */
export const spatialSum = (x: Tensor4D): Tensor4D => runKernelOp(spatialOp, { x }, { shape: x.shape });

/** Mean over the pixels, [N,h,w,C] → [N,1,1,C]. Differentiable: any order. */
export const spatialMean = (x: Tensor4D): Tensor4D => mul(spatialSum(x), 1 / (x.shape[1] * x.shape[2]));

/** Sum over all axes but the last, [..,C] → [C]. Differentiable: any order. */
export const columnSum = (x: Tensor): Tensor1D => runKernelOp(columnOp, { x }, { shape: x.shape });

/** Sums what broadcasting repeated, so that the result has the shape of the input. Always a fresh tensor. */
export function unbroadcast(dy: Tensor, shape: readonly number[]): Tensor {
  const ahead = dy.rank - shape.length;
  const axes = dy.shape.flatMap((size, i) => (size !== 1 && (i < ahead || shape[i - ahead] === 1) ? [i] : []));
  if (axes.length === 0) return reshape(dy, [...shape]);
  const list = axes.join();
  if (dy.rank === 4 && list === '1,2') return reshape(spatialSum(dy as Tensor4D), [...shape]);
  if (axes.length === dy.rank - 1 && axes.every((axis, i) => axis === i)) return reshape(columnSum(dy), [...shape]);
  return reshape(sum(dy, axes), [...shape]);
}
