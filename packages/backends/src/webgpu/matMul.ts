import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { conv2dFilterGrad } from './convFilterGrad.js';
import { conv2dForward, conv2dInputGrad } from './convGather.js';

const PLAIN = { stride: 1, padding: [0, 0, 0, 0] } as const;

/**
 * tfjs's BatchMatMul of two matrices as convolutions of one tap, whose tiles and divided sums it then has: a · b is one
 * forward, a · bᵀ one by the input, aᵀ · b one by the filter. null for real batches and for aᵀ · bᵀ.
 */
export function matMul(
  gpu: GpuContext, { a, b }: { readonly a: TensorInfo; readonly b: TensorInfo }, { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): TensorInfo | null {
  const [batch, ...rest] = [a.shape.slice(0, -2), b.shape.slice(0, -2)].flat();
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || [batch, ...rest].some((n) => n !== undefined && n !== 1) || (transposeA && transposeB)) return null;
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const image = { ...a, shape: [1, rowsA, 1, columnsA] };
  const shape = [...a.shape.slice(0, -2), transposeA ? columnsA : rowsA, transposeB ? rowsB : columnsB];
  const product = transposeA
    ? conv2dFilterGrad(gpu, image, { ...b, shape: [1, rowsB, 1, columnsB] }, { ...PLAIN, size: [1, 1] })
    : transposeB
      ? conv2dInputGrad(gpu, image, { ...b, shape: [1, 1, rowsB, columnsB] }, { ...PLAIN, size: [rowsA, 1] })
      : conv2dForward(gpu, image, { ...b, shape: [1, 1, rowsB, columnsB] }, PLAIN);
  return { ...product, shape };
}
