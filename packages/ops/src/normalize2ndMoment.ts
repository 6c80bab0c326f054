import { add, mean, mul, rsqrt, square, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** Scales x to mean square one along an axis (default the last). Differentiable: any order. Zero stays zero. */
export function normalize2ndMoment<T extends Tensor>(x: T, axis = -1, eps = 1e-8): T {
  return tidy(() => mul(x, rsqrt(add(mean(square(x), axis, true), eps))) as T);
}
