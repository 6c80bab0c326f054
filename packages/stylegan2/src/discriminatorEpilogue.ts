import { mul, reshape, sum, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';
import { type Activation, convLayer, fullyConnected, initConvLayer, initFullyConnected, minibatchStd } from '@spatialgan/ops';
import { type DiscriminatorState, withImage } from './discriminatorBlock.js';
import type { Architecture } from './generatorConfig.js';
import type { ConvParams, DenseParams } from './layerParams.js';

/** Sizes of the discriminator's last block. */
export interface DiscriminatorEpilogueConfig {
  /** Channels of the features at 4×4. */
  readonly channels: number;
  readonly imgChannels: number;
  readonly architecture: Architecture;
  /** 0 = one logit, else the features that the mapped labels are projected on. */
  readonly cmapDim: number;
  readonly mbstdNumChannels: number;
}

/** Parameters of {@link discriminatorEpilogue}. */
export type DiscriminatorEpilogueParams = {
  /** 'skip' only. */
  readonly fromrgb?: ConvParams;
  readonly conv: ConvParams;
  /** [16·C, C], rows in the order h, w, c. */
  readonly fc: DenseParams;
  readonly out: DenseParams;
};

/** Draws the parameters of the last block. The caller owns them. */
export function initDiscriminatorEpilogue(rng: Rng, config: DiscriminatorEpilogueConfig): DiscriminatorEpilogueParams {
  const { channels, imgChannels, architecture, cmapDim, mbstdNumChannels } = config;
  return {
    ...(architecture === 'skip' && {
      fromrgb: initConvLayer(rng.split('fromrgb'), { inChannels: imgChannels, outChannels: channels, kernelSize: 1 }),
    }),
    conv: initConvLayer(rng.split('conv'), { inChannels: channels + mbstdNumChannels, outChannels: channels, kernelSize: 3 }),
    fc: initFullyConnected(rng.split('fc'), { inFeatures: channels * 16, outFeatures: channels }),
    out: initFullyConnected(rng.split('out'), { inFeatures: channels, outFeatures: cmapDim || 1 }),
  };
}

/** How the last block runs. */
export interface DiscriminatorEpilogueOptions {
  readonly mbstdGroupSize: number | null;
  readonly mbstdNumChannels: number;
  /** Default 'lrelu'. */
  readonly activation?: Activation;
  /** Default null: none. */
  readonly convClamp?: number | null;
  /** Mapped labels, [N,cmapDim]. */
  readonly cmap?: Tensor2D | undefined;
}

/**
 * Features of 4×4 to logits: minibatch standard deviation, convolution, two fully connected layers;
 * with labels, the projection on them over √cmapDim. Differentiable: any order.
 *
 * @returns [N,1].
 */
export function discriminatorEpilogue(
  params: DiscriminatorEpilogueParams,
  state: DiscriminatorState,
  options: DiscriminatorEpilogueOptions,
): Tensor2D {
  const { mbstdGroupSize, mbstdNumChannels, activation: act = 'lrelu', convClamp = null, cmap } = options;
  return tidy(() => {
    const x = withImage(state, params.fromrgb, { activation: act, convClamp: null });
    const grouped: Tensor4D =
      mbstdNumChannels > 0 ? minibatchStd(x, { groupSize: mbstdGroupSize, numChannels: mbstdNumChannels }) : x;
    const y = convLayer(grouped, params.conv, { act, convClamp });
    const [N, h, w, C] = y.shape;
    const features = fullyConnected(reshape(y, [N, h * w * C]), params.fc, { act });
    const out = fullyConnected(features, params.out);
    return cmap ? mul(sum(mul(out, cmap), 1, true), 1 / Math.sqrt(cmap.shape[1])) : out;
  });
}
