import { mul, type Tensor1D, type Tensor4D, tidy, zeros } from '@tensorflow/tfjs-core';
import type { ParamTree, Rng } from '@spatialgan/core';
import { initFullyConnected, modulatedConv2d } from '@spatialgan/ops';
import type { DenseParams } from './layerParams.js';
import { type LayerCodes, type LayerEncoding, layerStyles } from './layerStyles.js';

/** Sizes of a ToRGB layer. */
export interface ToRgbConfig {
  readonly inChannels: number;
  readonly imgChannels: number;
  readonly wDim: number;
  /** Default 1. */
  readonly kernelSize?: number;
}

/** Parameters of {@link toRgb}. */
export type ToRgbParams = {
  /** [k,k,I,imgChannels]. */
  readonly weight: Tensor4D;
  readonly bias: Tensor1D;
  readonly affine: DenseParams;
  /** The spatial encoder's. */
  readonly sel?: ParamTree;
};

/** Draws the parameters of a ToRGB layer. The caller owns them. */
export function initToRgb(rng: Rng, { inChannels, imgChannels, wDim, kernelSize = 1 }: ToRgbConfig): ToRgbParams {
  return {
    weight: rng.split('weight').normalTensor<Tensor4D>([kernelSize, kernelSize, inChannels, imgChannels]),
    bias: zeros([imgChannels]) as Tensor1D,
    affine: initFullyConnected(rng.split('affine'), { inFeatures: wDim, outFeatures: inChannels, biasInit: 1 }),
  };
}

/** How a ToRGB layer runs. */
export interface ToRgbOptions extends LayerCodes {
  /** Bound of the output's absolute value. Default null: none. */
  readonly convClamp?: number | null;
  readonly encoding?: LayerEncoding | undefined;
}

/**
 * Reads an image off the features: a styled convolution without demodulation, gain 1/√(I·k²).
 *
 * Differentiable: any order.
 *
 * @param x features, [N,h,w,I].
 * @returns [N,h,w,imgChannels].
 */
export function toRgb(params: ToRgbParams, x: Tensor4D, options: ToRgbOptions): Tensor4D {
  const { convClamp = null, encoding } = options;
  const [, h, w, C] = x.shape;
  const kernelSize = params.weight.shape[0];
  return tidy(() => {
    const styles = layerStyles(params.affine, options, { encoding, size: [h, w] });
    // Without demodulation the styles' gain may sit on the weights, which are small where a style map is not.
    const weight = mul(params.weight, 1 / Math.sqrt(C * kernelSize ** 2)) as Tensor4D;
    return modulatedConv2d(encoding?.features?.(x) ?? x, weight, styles, {
      demodulate: false,
      padding: Math.floor(kernelSize / 2),
      bias: params.bias,
      clamp: convClamp,
    });
  });
}
