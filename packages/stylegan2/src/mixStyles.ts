import { clone, concat, slice, type Tensor3D } from '@tensorflow/tfjs-core';
import { assertShape, type Rng, SpatialGANError } from '@spatialgan/core';

/**
 * Joins the codes of two samples: the layers before `cutoff` from `first`, the others from `second`
 * (style mixing regularization). Differentiable: any order.
 *
 * @param first [N,L,wDim].
 * @param second [N,L,wDim].
 * @param cutoff in [0, L], one for the whole batch.
 * @returns [N,L,wDim].
 */
export function mixStyles(first: Tensor3D, second: Tensor3D, cutoff: number): Tensor3D {
  const [N, L, wDim] = first.shape;
  assertShape('mixStyles: second', second.shape, [N, L, wDim], 'both samples need as many codes');
  if (!Number.isInteger(cutoff) || cutoff < 0 || cutoff > L) {
    throw new SpatialGANError('CONFIG', `mixStyles: cutoff must be an integer in [0, ${L}], got ${cutoff}`);
  }
  if (cutoff === 0) return clone(second);
  if (cutoff === L) return clone(first);
  return concat([slice(first, [0, 0, 0], [N, cutoff, wDim]), slice(second, [0, cutoff, 0], [N, L - cutoff, wDim])], 1);
}

/**
 * Draws the cutoff of {@link mixStyles} for one batch: uniform in [1, numWs) with the given
 * probability, else numWs (no mixing).
 */
export function drawMixingCutoff(rng: Rng, numWs: number, probability = 0.9): number {
  const mixes = rng.uniform() < probability;
  return mixes && numWs > 1 ? 1 + rng.integer(numWs - 1) : numWs;
}
