import { add, mul, rsqrt, square, sub, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { spatialMean } from './reduce.js';

/** Settings of {@link instanceNorm}. */
export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Normalizes every channel of every sample to zero mean and unit (biased) variance over its pixels.
 *
 * Differentiable: any order. A constant channel becomes zero.
 *
 * @param x [N,h,w,C].
 */
export function instanceNorm(x: Tensor4D, { epsilon = 1e-5 }: InstanceNormOptions = {}): Tensor4D {
  return tidy(() => {
    const centred = sub<Tensor4D>(x, spatialMean(x));
    const variance = spatialMean(square(centred));
    return mul(centred, rsqrt(add(variance, epsilon))) as Tensor4D;
  });
}
