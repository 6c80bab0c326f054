import { divNoNan, max, min, mul, onesLike, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { stopGradient } from '@spatialgan/core';

/**
 * Scales each sample to [0, 1] by its own smallest and largest value over all other dimensions.
 *
 * The two are constants: the gradient ignores that they depend on `x`. A sample whose values are all equal
 * becomes 0 and gets no gradient. Differentiable: any order.
 *
 * @param x [N,…].
 */
export function minMaxNormalize<T extends Tensor>(x: T): T {
  return tidy(() => {
    const values = stopGradient(x);
    const axes = x.shape.map((_, axis) => axis).slice(1);
    const low = min(values, axes, true);
    const range = sub(max(values, axes, true), low);
    return mul(sub(x, stopGradient(low)), stopGradient(divNoNan(onesLike(range), range))) as T;
  });
}
