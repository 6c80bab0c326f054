import { add, mul, type Tensor4D } from '@tensorflow/tfjs-core';
import { assertShape } from '@spatialgan/core';
import { type FusableOp, runFusable } from './fusedOp.js';
import { instanceNorm, type InstanceNormOptions } from './instanceNorm.js';
import { SEL_MODULATE, SEL_MODULATE_GRAD } from './kernelNames.js';

const op: FusableOp<{ readonly epsilon: number }> = {
  kernelName: SEL_MODULATE,
  composite: ({ x, scale, shift }, { epsilon }) => add(mul(instanceNorm(x as Tensor4D, { epsilon }), scale!), shift!),
  gradient: { kernelName: SEL_MODULATE_GRAD, reads: ['x', 'scale'], of: ['x', 'scale', 'shift'] },
};

/**
 * Normalizes features per channel and denormalizes them by maps: IN(x) · scale + shift (the core of SEL_norm, Eq. 2).
 *
 * Differentiable: any order.
 *
 * @param x [N,h,w,C].
 * @param scale [N,h,w,1].
 * @param shift [N,h,w,1].
 * @throws SpatialGANError 'SHAPE' when a map has not the size of the features.
 */
export function selModulate(x: Tensor4D, scale: Tensor4D, shift: Tensor4D, { epsilon = 1e-5 }: InstanceNormOptions = {}): Tensor4D {
  const [N, h, w] = x.shape;
  assertShape('selModulate: scale', scale.shape, [N, h, w, 1], 'render the heatmap at the features\' resolution');
  assertShape('selModulate: shift', shift.shape, [N, h, w, 1], 'render the heatmap at the features\' resolution');
  return runFusable<Tensor4D, { readonly epsilon: number }>(op, { x, scale, shift }, { epsilon });
}
