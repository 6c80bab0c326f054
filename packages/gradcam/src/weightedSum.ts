import { matMul, reshape, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';

/** Σ_k w_k A_k for weights [N,1,1,C], as a matrix product. @param features [N,h,w,C]. @returns [N,h,w,1]. */
export function weightedSum(weights: Tensor4D, features: Tensor4D): Tensor4D {
  const [N, h, w, C] = features.shape;
  const columns = reshape(weights, [N, C, 1]) as Tensor3D;
  return reshape(matMul(reshape(features, [N, h * w, C]) as Tensor3D, columns), [N, h, w, 1]);
}
