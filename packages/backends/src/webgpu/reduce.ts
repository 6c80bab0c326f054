import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { sumRows } from './sumRows.js';

/** SPATIAL_SUM: [N,h,w,C] → [N,1,1,C]. */
export function spatialSum(gpu: GpuContext, x: TensorInfo): TensorInfo {
  const [samples, h, w, columns] = x.shape as [number, number, number, number];
  const out = gpu.output([samples, 1, 1, columns]);
  sumRows(gpu, x, out, { samples, rows: h * w, columns });
  return out;
}

/** COLUMN_SUM: [..,C] → [C]. */
export function columnSum(gpu: GpuContext, x: TensorInfo): TensorInfo {
  const columns = x.shape[x.shape.length - 1]!;
  const out = gpu.output([columns]);
  sumRows(gpu, x, out, { samples: 1, rows: util.sizeFromShape(x.shape) / columns, columns });
  return out;
}

/** tfjs's Sum and Mean over neighbouring axes, none of them the last but one alone; null for others, which tfjs does as well. */
export function reduceSum(
  gpu: GpuContext, x: TensorInfo, { axis, keepDims }: { readonly axis: number | number[]; readonly keepDims: boolean }, mean: boolean,
): TensorInfo | null {
  const axes = util.parseAxisParam(axis, x.shape);
  const [first, last] = [axes[0], axes[axes.length - 1]];
  if (x.dtype !== 'float32' || first === undefined || last! - first !== axes.length - 1) return null;
  const sizeOf = (from: number, to?: number): number => util.sizeFromShape(x.shape.slice(from, to));
  const [samples, rows, columns] = [sizeOf(0, first), sizeOf(first, last! + 1), sizeOf(last! + 1)];
  // tfjs sums the last axis in one pass too, and small sums faster.
  if (last === x.shape.length - 1 && (samples > 64 || rows < 1024)) return null;
  const out = gpu.output(keepDims ? x.shape.map((size, i) => (axes.includes(i) ? 1 : size)) : x.shape.filter((_, i) => !axes.includes(i)));
  sumRows(gpu, x, out, { samples, rows, columns, scale: mean ? 1 / rows : 1 });
  return out;
}
