import { add, image, mul, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type NamedMaps, SpatialGANError } from '@spatialgan/core';
import { minMaxNormalize } from './minMaxNormalize.js';

/**
 * One map of several layers: each scaled to [0, 1] per sample, enlarged bilinearly (corners aligned), averaged, scaled again.
 *
 * @param size [h, w] of the result, as a rule the images'.
 * @returns [N,h,w,1] in [0, 1]; the caller owns it.
 * @throws SpatialGANError 'CONFIG' when there is no map.
 */
export function combineMaps(maps: NamedMaps, size: readonly [number, number]): Tensor4D {
  const all = Object.values(maps);
  if (all.length === 0) throw new SpatialGANError('CONFIG', 'combineMaps: expected at least one map, got none');
  return tidy(() => {
    const enlarged = all.map((map) => image.resizeBilinear(minMaxNormalize(map), [...size], true));
    return minMaxNormalize(mul<Tensor4D>(enlarged.reduce((a, b) => add(a, b)), 1 / all.length));
  });
}
