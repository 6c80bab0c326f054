import { scalar, type Scalar, type Tensor1D, type Tensor2D, type Tensor4D, tidy, zeros } from '@tensorflow/tfjs-core';
import type { ParamTree, Rng } from '@spatialgan/core';
import { type Activation, defaultGain, type Fir, initFullyConnected, modulatedConv2d } from '@spatialgan/ops';
import type { DenseParams } from './layerParams.js';
import { layerNoise, type NoiseOptions } from './layerNoise.js';
import { type LayerCodes, type LayerEncoding, layerStyles } from './layerStyles.js';

/** Sizes of a synthesis layer. */
export interface SynthesisLayerConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly wDim: number;
  /** Of the output, in pixels. */
  readonly resolution: number;
  /** Default 3. */
  readonly kernelSize?: number;
  /** Default true. */
  readonly useNoise?: boolean;
}

/** Parameters of {@link synthesisLayer}. */
export type SynthesisLayerParams = {
  /** [k,k,I,O], N(0,1): demodulation replaces the gain of the equalized learning rate. */
  readonly weight: Tensor4D;
  readonly bias: Tensor1D;
  /** w → styles [N,I]; bias starts at 1. */
  readonly affine: DenseParams;
  readonly noiseStrength?: Scalar;
  /** Buffer, [r,r]. */
  readonly noiseConst?: Tensor2D;
  /** The spatial encoder's. */
  readonly sel?: ParamTree;
};

/** Draws the parameters of a synthesis layer. The caller owns them. */
export function initSynthesisLayer(rng: Rng, config: SynthesisLayerConfig): SynthesisLayerParams {
  const { inChannels, outChannels, wDim, resolution, kernelSize = 3, useNoise = true } = config;
  return {
    weight: rng.split('weight').normalTensor<Tensor4D>([kernelSize, kernelSize, inChannels, outChannels]),
    bias: zeros([outChannels]) as Tensor1D,
    affine: initFullyConnected(rng.split('affine'), { inFeatures: wDim, outFeatures: inChannels, biasInit: 1 }),
    ...(useNoise && {
      noiseStrength: scalar(0),
      noiseConst: rng.split('noiseConst').normalTensor<Tensor2D>([resolution, resolution]),
    }),
  };
}

/** How a synthesis layer runs. */
export interface SynthesisLayerOptions extends LayerCodes, NoiseOptions {
  /** Up-sampling factor. Default 1. */
  readonly up?: number;
  /** Default 'lrelu'. */
  readonly activation?: Activation;
  /** Low-pass filter, from setupFilter; needed when up is above 1. */
  readonly resampleFilter?: Fir;
  /** Bound of the output's absolute value; scales with `gain`. Default null: none. */
  readonly convClamp?: number | null;
  /** Factor on the output. Default 1. */
  readonly gain?: number;
  readonly encoding?: LayerEncoding | undefined;
}

/**
 * One styled convolution of the synthesis: (encoder), modulated convolution, noise, bias, activation.
 *
 * Differentiable: any order. An encoder sees the features before up-sampling.
 *
 * @param x features, [N,h,w,I].
 * @returns [N,h·up,w·up,O].
 */
export function synthesisLayer(params: SynthesisLayerParams, x: Tensor4D, options: SynthesisLayerOptions): Tensor4D {
  const { up = 1, resampleFilter = null, activation: act = 'lrelu', convClamp = null, gain = 1, encoding } = options;
  return tidy(() => {
    const [N, h, w] = x.shape;
    const styles = layerStyles(params.affine, options, { encoding, size: [h, w] });
    const noise = layerNoise(params, [N, h * up], options);
    return modulatedConv2d(encoding?.features?.(x) ?? x, params.weight, styles, {
      up,
      padding: Math.floor(params.weight.shape[0] / 2),
      flipWeight: up === 1,
      resampleFilter: up === 1 ? null : resampleFilter,
      noise,
      bias: params.bias,
      act,
      gain: defaultGain(act) * gain,
      clamp: convClamp === null ? null : convClamp * gain,
    });
  });
}
