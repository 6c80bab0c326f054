import { add, mul, slice, type Tensor1D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { SpatialEncoder } from '@spatialgan/core';

/** One vector [C] per region, `region0`, `region1`, … */
export interface ShiftParams {
  readonly [region: string]: Tensor1D;
}

/** Adds a learned vector per region to the features, weighted by the region's heatmap: F + Σ_k H_k · v_k. */
export function shiftEncoder(): SpatialEncoder<ShiftParams> {
  return {
    name: 'shift',
    appliesTo: ({ layer, heatmapChannels }) => layer === 'conv1' && heatmapChannels > 0,
    init: (rng, { channels, heatmapChannels }) =>
      Object.fromEntries(
        Array.from({ length: heatmapChannels }, (_, k) => [`region${k}`, rng.split(`${k}`).normalTensor<Tensor1D>([channels])]),
      ),
    encodeFeatures: (params, features, heatmap) =>
      tidy(() => {
        const [N, h, w] = heatmap.shape;
        return Object.values(params).reduce<Tensor4D>(
          (sum, push, k) => add(sum, mul(slice(heatmap, [0, 0, 0, k], [N, h, w, 1]), push)),
          features,
        );
      }),
  };
}
