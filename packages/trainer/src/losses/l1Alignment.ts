import { type Scalar, sub, type Tensor1D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, type AlignmentLoss } from '@spatialgan/core';
import { minMaxNormalize } from '@spatialgan/gradcam';
import { atSizeOf, averageRegions, type RegionSum, sumRegions } from './alignmentTarget.js';
import { countKept, truncatedL1, type Truncation } from './truncatedL1.js';

/** Options of {@link l1Alignment}. */
export interface L1AlignmentOptions {
  /** Differences up to this size are truncated. Default 0.25 (§3.3). */
  readonly tau?: number;
  /**
   * `paper` (default): at the attention's own size, against H = min(1, Σ H_i), truncated entries count as zero.
   * `reference`: at the heatmap's size, against the scaled mean of the regions, mean over the kept entries of the batch.
   */
  readonly reading?: 'paper' | 'reference';
  /** Default `zero` (paper), `kept` (reference code). */
  readonly truncation?: Truncation;
  /** How the paper's H is made. Default `clip`. */
  readonly regionSum?: RegionSum;
}

/**
 * L_align (Eq. 3): truncated L1 distance between an attention map, scaled to [0, 1] per sample by constants, and the heatmap.
 *
 * Differentiable in the attention: once.
 *
 * @throws SpatialGANError 'SHAPE' when the batches differ or the attention has several channels.
 */
export function l1Alignment(options: L1AlignmentOptions = {}): AlignmentLoss {
  const { tau = 0.25, reading = 'paper', regionSum = 'clip' } = options;
  const truncation = options.truncation ?? (reading === 'paper' ? 'zero' : 'kept');
  const difference = (attention: Tensor4D, heatmap: Tensor4D): Tensor4D => {
    const { N } = assertShape('l1Alignment: attention', attention.shape, ['N', null, null, 1]);
    assertShape('l1Alignment: heatmap', heatmap.shape, [N!, null, null, null]);
    if (reading === 'reference') {
      return sub(minMaxNormalize(atSizeOf(heatmap, attention)), averageRegions(heatmap));
    }
    return sub(minMaxNormalize(attention), sumRegions(atSizeOf(attention, heatmap), regionSum));
  };
  const loss: AlignmentLoss = {
    name: 'l1Alignment',
    distance: (attention, heatmap) =>
      tidy(() => truncatedL1<Tensor1D>(difference(attention, heatmap), { tau, truncation, axes: [1, 2, 3] })),
  };
  // A mean of per-sample distances, unless what is kept is counted over the batch.
  if (truncation === 'zero') return loss;
  return {
    ...loss,
    batchDistance: (attention, heatmap, whole) => tidy(() => truncatedL1<Scalar>(difference(attention, heatmap), { tau, truncation, whole })),
    keptEntries: (attention, heatmap) => tidy(() => countKept(difference(attention, heatmap), tau)),
  };
}
