import { add, div, linspace, mul, reshape, square, sub, sum, type Tensor1D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { AlignmentLoss } from '@spatialgan/core';

/** Centre of mass of maps [N,h,w,C] along an axis, in image sides, [N]. */
function centroid(maps: Tensor4D, axis: 1 | 2): Tensor1D {
  const size = maps.shape[axis];
  const places = reshape(linspace(0.5 / size, 1 - 0.5 / size, size), axis === 1 ? [1, size, 1, 1] : [1, 1, size, 1]);
  const mass = add(sum(maps, [1, 2, 3]), 1e-6);
  return div(sum(mul(maps, places), [1, 2, 3]), mass);
}

/** Squared distance between the centres of mass of attention and heatmap: cares where, not how wide. */
export function centroidAlignment(): AlignmentLoss {
  return {
    name: 'centroid',
    distance: (attention, heatmap) =>
      tidy(() => {
        const apart = (axis: 1 | 2) => square(sub(centroid(attention, axis), centroid(heatmap, axis)));
        return add(apart(1), apart(2)) as Tensor1D;
      }),
  };
}
