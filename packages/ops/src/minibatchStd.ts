import { add, concat, mean, reshape, sqrt, square, sub, type Tensor4D } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { type FusableOp, runFusable } from './fusedOp.js';
import { MINIBATCH_STD, MINIBATCH_STD_GRAD } from './kernelNames.js';
import { broadcast } from './reduce.js';

/** Settings of {@link minibatchStd}. */
export interface MinibatchStdOptions {
  /** Samples a group; null is the whole batch. At most N. */
  readonly groupSize: number | null;
  /** Statistics channels F, each over C/F channels of x. Default 1. */
  readonly numChannels?: number;
}

/** What a MINIBATCH_STD kernel gets. */
export interface MinibatchStdAttrs {
  /** G, samples a group: i and j are of one where i ≡ j mod N/G. */
  readonly groupSize: number;
  /** F, statistics channels, each over C/F neighbouring channels of x. */
  readonly numChannels: number;
  /** Added to the variances. */
  readonly epsilon: number;
}

const op: FusableOp<MinibatchStdAttrs> = {
  kernelName: MINIBATCH_STD,
  composite: ({ x }, { groupSize: G, numChannels: F, epsilon }) => {
    const [N, h, w, C] = (x as Tensor4D).shape;
    const M = N / G;
    const grouped = reshape(x!, [G, M * h * w, C]);
    const centred = sub(grouped, mean(grouped, 0, true));
    const deviation = sqrt(add(mean(square(centred), 0), epsilon));
    const statistic = mean(reshape(deviation, [M, h * w, F, C / F]), [1, 3]);
    const map = reshape(broadcast(reshape(statistic, [1, M, 1, F]), [G, M, h * w, F]), [N, h, w, F]);
    return concat([x as Tensor4D, map as Tensor4D], 3);
  },
  gradient: { kernelName: MINIBATCH_STD_GRAD, reads: ['x'], of: ['x'] },
};

const EPSILON = 1e-8;

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
  const [N, , , C] = x.shape;
  const G = groupSize === null ? N : Math.min(groupSize, N);
  if (N % G || C % F) {
    throw new SpatialGANError('SHAPE', `minibatchStd: groups of ${G} must divide the batch ${N} and ${F} the channels ${C}; change the batch or the group size`);
  }
  return runFusable<Tensor4D, MinibatchStdAttrs>(op, { x }, { groupSize: G, numChannels: F, epsilon: EPSILON });
}
