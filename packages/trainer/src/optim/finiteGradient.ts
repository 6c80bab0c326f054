import { clipByValue, isFinite, isNaN, type Tensor, where, zerosLike } from '@tensorflow/tfjs-core';

const BOUND = 1e5;

/** The gradient with NaN → 0 and ±∞ → ±1e5, as StyleGAN2's training does before each step. */
export function finiteGradient(grad: Tensor): Tensor {
  const repaired = clipByValue(where(isNaN(grad), zerosLike(grad), grad), -BOUND, BOUND);
  return where(isFinite(grad), grad, repaired);
}
