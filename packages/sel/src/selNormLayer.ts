import { add, concat, split, type Tensor1D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, type Rng } from '@spatialgan/core';
import { biasAct, convLayer, selModulate } from '@spatialgan/ops';
import { type ConvParams, initConv3 } from './layerParams.js';
import { resizeTo } from './resizeTo.js';

/** Convolutions of one SEL_norm site. */
export type SelNormParams = {
  /** 3×3, K → hidden. */
  readonly shared: ConvParams;
  /** 3×3, hidden → 1: φσ. */
  readonly sigma: ConvParams;
  /** 3×3, hidden → 1: φμ. */
  readonly mu: ConvParams;
  /** 3×3, C → C; only with the residual `conv`. */
  readonly output?: ConvParams;
};

/** The readings of Eq. 2. */
export interface SelNormForm {
  /** `literal`: times φσ(H) (Eq. 2). `onePlus`: times 1 + φσ(H) (reference code). */
  readonly scale: 'literal' | 'onePlus';
  /** `none`: Eq. 2 alone. `plain`: F + Eq. 2 (Fig. 4). `conv`: F + gain · conv3×3(lrelu(Eq. 2)) (reference code). */
  readonly residual: 'none' | 'plain' | 'conv';
  /** Gain of the residual `conv`. */
  readonly residualGain: number;
  /** Added to the variance. */
  readonly epsilon: number;
}

/** Sizes of one site. */
export interface SelNormSize {
  /** K of the prepared heatmap. */
  readonly mapChannels: number;
  /** C of the features. */
  readonly channels: number;
  /** Channels between the heatmap and its two maps. */
  readonly hidden: number;
  readonly residual: SelNormForm['residual'];
}

/** N(0,1) weights and zero biases; σ and μ are not zero at the start (reference code). */
export function initSelNormLayer(rng: Rng, { mapChannels, channels, hidden, residual }: SelNormSize): SelNormParams {
  const conv = (name: string, inChannels: number, outChannels: number): ConvParams =>
    initConv3(rng.split(name), inChannels, outChannels);
  const maps = { shared: conv('shared', mapChannels, hidden), sigma: conv('sigma', hidden, 1), mu: conv('mu', hidden, 1) };
  return residual === 'conv' ? { ...maps, output: conv('output', channels, channels) } : maps;
}

/** φσ(H) (+ 1) and φμ(H), [N,h,w,1] each, by one convolution for both. */
function modulationMaps({ shared, sigma, mu }: SelNormParams, heatmap: Tensor4D, scale: SelNormForm['scale']): Tensor4D[] {
  const hidden = convLayer(heatmap, shared, { act: 'lrelu' });
  const sigmaBias = scale === 'onePlus' ? add(sigma.bias, 1) : sigma.bias;
  const both = {
    weight: concat([sigma.weight, mu.weight], 3) as Tensor4D,
    bias: concat([sigmaBias, mu.bias]) as Tensor1D,
  };
  return split(convLayer(hidden, both), 2, 3) as Tensor4D[];
}

/**
 * Normalizes features per channel and denormalizes them by maps computed from the heatmap (SEL_norm, Eq. 2).
 *
 * The maps have one channel: they scale where, not what. A heatmap of another size is first resized to the
 * features' (coarse processing, §3.2). Differentiable: any order.
 *
 * @param features F, [N,h,w,C].
 * @param heatmap H, [N,s,t,K].
 * @returns [N,h,w,C].
 * @throws SpatialGANError 'SHAPE' when batch or channels do not fit.
 */
export function selNormLayer(params: SelNormParams, features: Tensor4D, heatmap: Tensor4D, form: SelNormForm): Tensor4D {
  const [N, h, w] = features.shape;
  assertShape('selNorm: heatmap', heatmap.shape, [N, null, null, params.shared.weight.shape[2]!]);
  return tidy(() => {
    const [scale, shift] = modulationMaps(params, resizeTo(heatmap, [h, w]), form.scale) as [Tensor4D, Tensor4D];
    const modulated = selModulate(features, scale, shift, { epsilon: form.epsilon });
    if (form.residual === 'none') return modulated;
    if (form.residual === 'plain') return add(features, modulated) as Tensor4D;
    const active = biasAct(modulated, null, { act: 'lrelu', gain: 1 });
    return add(features, convLayer(active, params.output!, { gain: form.residualGain })) as Tensor4D;
  });
}
