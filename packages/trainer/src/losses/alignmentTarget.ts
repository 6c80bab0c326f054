import { mean, minimum, scalar, sum, type Tensor4D } from '@tensorflow/tfjs-core';
import { minMaxNormalize } from '@spatialgan/gradcam';
import { resizeBilinear } from '@spatialgan/ops';

/**
 * One map of several regions: `clip`: min(1, Σ H_i) (§1); `plain`: Σ H_i, which may exceed 1; `minmax`: Σ H_i scaled to
 * [0, 1] per sample.
 */
export type RegionSum = 'clip' | 'plain' | 'minmax';

/** [N,s,s,K] → H, [N,s,s,1]. The heatmap is a constant. */
export function sumRegions(heatmap: Tensor4D, combine: RegionSum): Tensor4D {
  const total = sum<Tensor4D>(heatmap, 3, true);
  if (combine === 'plain') return total;
  return combine === 'clip' ? minimum(total, scalar(1)) : minMaxNormalize(total);
}

/** A level of several channels averaged and scaled to [0, 1]; one channel is taken as it is (reference code). */
export function averageRegions(heatmap: Tensor4D): Tensor4D {
  return heatmap.shape[3] === 1 ? heatmap : minMaxNormalize(mean<Tensor4D>(heatmap, 3, true));
}

/** `map` at the size of `like`, bilinear with aligned corners. */
export function atSizeOf(like: Tensor4D, map: Tensor4D): Tensor4D {
  const [, h, w] = like.shape;
  return map.shape[1] === h && map.shape[2] === w ? map : resizeBilinear(map, [h, w]);
}
