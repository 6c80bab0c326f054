import { argMin, cast, concat, mul, oneHot, sub, sum, type Tensor1D, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, type AlignmentLoss, stopGradient } from '@spatialgan/core';
import { minMaxNormalize } from '@spatialgan/gradcam';
import { atSizeOf, type RegionSum, sumRegions } from './alignmentTarget.js';
import { truncatedL1, type Truncation } from './truncatedL1.js';

/** Options of {@link minAlignment}. */
export interface MinAlignmentOptions {
  /** Differences up to this size are truncated, in each distance. Default 0.25. */
  readonly tau?: number;
  /** Default `zero`. */
  readonly truncation?: Truncation;
  /** How H is made of H_1..H_n. Default `clip`. */
  readonly regionSum?: RegionSum;
}

/**
 * Truncated L1 distances of a map to each region H_1..H_n and to H.
 *
 * @param attention [N,h,w,1], values in [0, 1].
 * @param heatmap [N,h,w,n].
 * @returns [N,n+1], H last.
 */
export function candidateDistances(attention: Tensor4D, heatmap: Tensor4D, options: MinAlignmentOptions = {}): Tensor2D {
  const { tau = 0.25, truncation = 'zero', regionSum = 'clip' } = options;
  return tidy(() => {
    const candidates = concat([heatmap, sumRegions(heatmap, regionSum)], 3);
    return truncatedL1<Tensor2D>(sub(attention, candidates), { tau, truncation, axes: [1, 2] });
  });
}

/** The smallest entry of each row, [N,K] → [N]; the gradient goes to the first smallest one. */
export function rowMinimum(distances: Tensor2D): Tensor1D {
  return tidy(() => {
    // As integers: the wasm kernel writes integers into a float tensor too.
    const first = oneHot(argMin(stopGradient(distances), 1), distances.shape[1], 1, 0, 'int32');
    return sum<Tensor1D>(mul(distances, cast(first, 'float32')), 1);
  });
}

/**
 * L_align_indoor (Eq. 5): per sample the smallest distance of the attention to any of H_1..H_n and H, as D looks at one
 * object or at all of them. The attention is scaled to [0, 1] by constants. Differentiable in the attention: once.
 *
 * @throws SpatialGANError 'SHAPE' when the batches differ or the attention has several channels.
 */
export function minAlignment(options: MinAlignmentOptions = {}): AlignmentLoss {
  return {
    name: 'minAlignment',
    distance(attention, heatmap) {
      const { N } = assertShape('minAlignment: attention', attention.shape, ['N', null, null, 1]);
      assertShape('minAlignment: heatmap', heatmap.shape, [N!, null, null, null]);
      return tidy(() => rowMinimum(candidateDistances(minMaxNormalize(attention), atSizeOf(attention, heatmap), options)));
    },
  };
}
