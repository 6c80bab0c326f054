import { clipByValue, type Tensor } from '@tensorflow/tfjs-core';

/** Limits x to [min, max]. The gradient passes at the bounds too. Differentiable: any order. */
export const clamp = <T extends Tensor>(x: T, min: number, max: number): T => clipByValue(x, min, max);
