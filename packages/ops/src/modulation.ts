import { add, matMul, mul, reshape, rsqrt, square, sum, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { type FusableOp, runFusable } from './fusedOp.js';
import { DEMODULATION, DEMODULATION_GRAD, SCALE_CHANNELS, SCALE_CHANNELS_GRAD } from './kernelNames.js';

const scaleOp: FusableOp<object> = {
  kernelName: SCALE_CHANNELS,
  composite: ({ x, scale }) => mul(x!, reshape(scale!, [scale!.shape[0]!, 1, 1, scale!.shape[1]!])),
  gradient: { kernelName: SCALE_CHANNELS_GRAD, reads: ['x', 'scale'], of: ['x', 'scale'] },
};

/** Scales every channel of every sample. Differentiable: any order. @param x [N,h,w,C]. @param scale [N,C]. */
export const scaleChannels = (x: Tensor4D, scale: Tensor2D): Tensor4D => runFusable<Tensor4D, object>(scaleOp, { x, scale }, {});

const demodulationOp: FusableOp<{ readonly epsilon: number }> = {
  kernelName: DEMODULATION,
  composite: ({ weight, styles }, { epsilon }) => rsqrt(add(matMul(square(styles!), sum<Tensor2D>(square(weight!), [0, 1])), epsilon)),
  gradient: { kernelName: DEMODULATION_GRAD, reads: ['weight', 'styles'], of: ['weight', 'styles'] },
};

/** Added to the sum of squares. */
export const DEMODULATION_EPSILON = 1e-8;

/** rsqrt(Σ (w·s)² + ε) over kernel and input channels. Differentiable: any order. @param weight [kh,kw,I,O]. @param styles [N,I]. @returns [N,O]. */
export const demodulation = (weight: Tensor4D, styles: Tensor2D): Tensor2D =>
  runFusable<Tensor2D, { readonly epsilon: number }>(demodulationOp, { weight, styles }, { epsilon: DEMODULATION_EPSILON });
