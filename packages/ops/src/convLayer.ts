import { mul, type Tensor1D, type Tensor4D, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';
import { type Activation, defaultGain } from './activations.js';
import { biasAct } from './biasAct.js';
import { lreluAttrs } from './biasLrelu.js';
import { styledConv2dResample } from './conv2dResample.js';
import { UNSTYLED } from './styledConv.js';
import type { Fir } from './upfirdn2d.js';

/** Parameters of {@link convLayer}, before the equalized learning rate's gain. */
export interface ConvLayerParams {
  /** [k,k,I,O], k odd. */
  readonly weight: Tensor4D;
  /** [O]. */
  readonly bias?: Tensor1D;
}

/** Settings of {@link convLayer}. */
export interface ConvLayerOptions {
  /** Default 'linear'. */
  readonly act?: Activation;
  /** Default 1. */
  readonly up?: number;
  /** Default 1. */
  readonly down?: number;
  /** From setupFilter; needed when up or down is above 1. Default null. */
  readonly resampleFilter?: Fir;
  /** Limits the result to ±convClamp·gain. Default none. */
  readonly convClamp?: number | null;
  /** Multiplies the activation's default gain. Default 1. */
  readonly gain?: number;
}

/**
 * A convolution with equalized learning rate, optional resampling, bias and activation, that keeps the size otherwise.
 *
 * With up = 1 it correlates, else it convolves truly, as StyleGAN2 does. Differentiable: any order.
 *
 * @param x [N,h,w,I].
 * @returns [N,h·up/down,w·up/down,O].
 */
export function convLayer(x: Tensor4D, { weight, bias }: ConvLayerParams, options: ConvLayerOptions = {}): Tensor4D {
  const { act = 'linear', up = 1, down = 1, resampleFilter = null, convClamp = null, gain = 1 } = options;
  const [kh, kw, I] = weight.shape;
  return tidy(() => {
    const activation = { act, gain: defaultGain(act) * gain, clamp: convClamp === null ? null : convClamp * gain };
    const attrs = lreluAttrs(activation);
    const scaled = mul(weight, 1 / Math.sqrt(I * kh * kw)) as Tensor4D;
    const padding = [Math.floor(kw / 2), Math.floor(kw / 2), Math.floor(kh / 2), Math.floor(kh / 2)] as const;
    const y = styledConv2dResample(x, scaled, { f: resampleFilter, up, down, padding, flipWeight: up === 1 }, attrs ? { b: bias, attrs } : UNSTYLED);
    return attrs ? y : biasAct(y, bias ?? null, activation);
  });
}

/** What {@link initConvLayer} needs to know. */
export interface ConvLayerConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  /** Default true. */
  readonly bias?: boolean;
}

/** Parameters: weights N(0, 1), bias zero. The caller owns them. */
export function initConvLayer(rng: Rng, { inChannels, outChannels, kernelSize, bias = true }: ConvLayerConfig): ConvLayerParams {
  const weight = rng.split('weight').normalTensor<Tensor4D>([kernelSize, kernelSize, inChannels, outChannels]);
  return bias ? { weight, bias: zeros([outChannels]) as Tensor1D } : { weight };
}
