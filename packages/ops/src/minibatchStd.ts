import { add, concat, mean, reshape, sqrt, square, sub, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { broadcast } from './reduce.js';

/** Settings of {@link minibatchStd}. */
export interface MinibatchStdOptions {
  /** Samples a group; null is the whole batch. At most N. */
  readonly groupSize: number | null;
  /** Statistics channels F, each over C/F channels of x. Default 1. */
  readonly numChannels?: number;
}

/**
 * Appends the standard deviation over a group of samples, averaged over pixels and channels, as constant channels.
 *
 * Sample i belongs to group i mod (N/G). Differentiable: any order.
 *
 * @param x [N,h,w,C].
 * @returns [N,h,w,C+F].
 * @throws SpatialGANError 'SHAPE' when the group does not divide the batch or F the channels.
 */
export function minibatchStd(x: Tensor4D, { groupSize, numChannels: F = 1 }: MinibatchStdOptions): Tensor4D {
  const [N, h, w, C] = x.shape;
  const G = groupSize === null ? N : Math.min(groupSize, N);
  if (N % G || C % F) {
    throw new SpatialGANError('SHAPE', `minibatchStd: groups of ${G} must divide the batch ${N} and ${F} the channels ${C}; change the batch or the group size`);
  }
  const M = N / G;
  return tidy(() => {
    const grouped = reshape(x, [G, M * h * w, C]);
    const centred = sub(grouped, mean(grouped, 0, true));
    const deviation = sqrt(add(mean(square(centred), 0), 1e-8));
    const statistic = mean(reshape(deviation, [M, h * w, F, C / F]), [1, 3]);
    const map = reshape(broadcast(reshape(statistic, [1, M, 1, F]), [G, M, h * w, F]), [N, h, w, F]);
    return concat([x, map as Tensor4D], 3);
  });
}
