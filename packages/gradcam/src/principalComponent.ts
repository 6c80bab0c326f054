import {
  argMax, cast, divNoNan, equal, eye, greaterEqual, matMul, mean, mul, range, reshape, sqrt, square, sub, sum, type Tensor3D, type Tensor4D, tidy,
} from '@tensorflow/tfjs-core';
import { stopGradient } from '@spatialgan/core';

/** Squarings of the covariance: what is left of the second component is its share of the first to the power 2^15. */
const SQUARINGS = 15;

/** Each sample's matrix (or row) divided by its Euclidean length; 0 stays 0. */
const unitLength = (x: Tensor3D): Tensor3D => divNoNan(x, sqrt(sum(square(x), [1, 2], true)));

/**
 * The direction in which features vary most over space, one per sample: the first right singular vector of the centered
 * [h·w,C] matrix, of length 1, signed so that the features' mean lies on its positive side.
 *
 * Constant: no gradient reaches the features.
 *
 * @param features [N,h,w,C].
 * @returns [N,1,1,C]; 0 where nothing varies.
 */
export function principalComponent(features: Tensor4D): Tensor4D {
  const [N, h, w, C] = features.shape;
  return tidy(() => {
    const rows = reshape(stopGradient(features), [N, h * w, C]) as Tensor3D;
    const center = mean<Tensor3D>(rows, 1, true);
    const centered = sub(rows, center);
    // Squaring a covariance squares its eigenvalues; scaled each time, it tends to v vᵀ.
    let projector = unitLength(matMul(centered, centered, true) as Tensor3D);
    for (let i = 0; i < SQUARINGS; i++) projector = unitLength(matMul(projector, projector) as Tensor3D);
    const diagonal = sum(mul(projector, eye(C)), 2);
    const largest = cast(equal(reshape(argMax(diagonal, 1), [N, 1, 1]), reshape(range(0, C, 1, 'int32'), [1, C, 1])), 'float32') as Tensor3D;
    const direction = unitLength(reshape(matMul(projector, largest), [N, 1, C]) as Tensor3D);
    const side = sub(mul(2, cast(greaterEqual(sum(mul(direction, center), 2, true), 0), 'float32')), 1);
    return stopGradient(reshape(mul(direction, side), [N, 1, 1, C]) as Tensor4D);
  });
}

/** features projected onto {@link principalComponent}, the features' mean taken off first: [N,h,w,1]. */
export function projectOnPrincipal(features: Tensor4D, direction: Tensor4D): Tensor4D {
  return tidy(() => {
    const along = sum<Tensor4D>(mul(features, direction), 3, true);
    return sub(along, mean(along, [1, 2], true));
  });
}
