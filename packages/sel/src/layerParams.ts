import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';
import { initConvLayer } from '@spatialgan/ops';

/** A convolution with bias: [k,k,I,O], [O]. */
export type ConvParams = { readonly weight: Tensor4D; readonly bias: Tensor1D };

/** A dense layer with bias: [in,out], [out]. */
export type DenseParams = { readonly weight: Tensor2D; readonly bias: Tensor1D };

/** N(0,1) weights of a 3×3 convolution, zero bias. */
export function initConv3(rng: Rng, inChannels: number, outChannels: number): ConvParams {
  return initConvLayer(rng, { inChannels, outChannels, kernelSize: 3 }) as ConvParams;
}
