import { add, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type Rng, SpatialGANError } from '@spatialgan/core';
import { type Activation, convLayer, downsample2d, type Fir, initConvLayer } from '@spatialgan/ops';
import type { Architecture } from './generatorConfig.js';
import type { ConvParams } from './layerParams.js';

/** Sizes of a discriminator block. */
export interface DiscriminatorBlockConfig {
  /** 0 in the first block, which starts from the image. */
  readonly inChannels: number;
  /** Between the two convolutions. */
  readonly tmpChannels: number;
  readonly outChannels: number;
  readonly imgChannels: number;
  readonly architecture: Architecture;
}

/** Parameters of {@link discriminatorBlock}. */
export type DiscriminatorBlockParams = {
  /** First block, and every block of 'skip'. */
  readonly fromrgb?: ConvParams;
  readonly conv0: ConvParams;
  readonly conv1: ConvParams;
  /** 'resnet' only; no bias. */
  readonly skip?: ConvParams;
};

/** Draws the parameters of a discriminator block. The caller owns them. */
export function initDiscriminatorBlock(rng: Rng, config: DiscriminatorBlockConfig): DiscriminatorBlockParams {
  const { inChannels, tmpChannels, outChannels, imgChannels, architecture } = config;
  const conv = (name: string, from: number, to: number, kernelSize: number): ConvParams =>
    initConvLayer(rng.split(name), { inChannels: from, outChannels: to, kernelSize, bias: name !== 'skip' });
  return {
    ...((inChannels === 0 || architecture === 'skip') && { fromrgb: conv('fromrgb', imgChannels, tmpChannels, 1) }),
    conv0: conv('conv0', tmpChannels, tmpChannels, 3),
    conv1: conv('conv1', tmpChannels, outChannels, 3),
    ...(architecture === 'resnet' && { skip: conv('skip', tmpChannels, outChannels, 1) }),
  };
}

/** What goes from block to block. */
export interface DiscriminatorState {
  /** Features, [N,h,w,C]; absent before the first block. */
  readonly x?: Tensor4D;
  /** The image at this size, [N,h,w,imgChannels]; only where a block reads it. */
  readonly img?: Tensor4D;
}

/** How a discriminator block runs. */
export interface DiscriminatorBlockOptions {
  readonly architecture: Architecture;
  /** Default 'lrelu'. */
  readonly activation?: Activation;
  /** Low-pass filter, from setupFilter. */
  readonly resampleFilter: Fir;
  /** Default null: none. */
  readonly convClamp?: number | null;
}

/** Adds what `fromrgb` sees in the image to the features. */
export function withImage(
  { x, img }: DiscriminatorState,
  fromrgb: ConvParams | undefined,
  { activation: act = 'lrelu', convClamp = null }: Pick<DiscriminatorBlockOptions, 'activation' | 'convClamp'>,
): Tensor4D {
  if (!fromrgb && x) return x;
  if (!fromrgb || !img) throw new SpatialGANError('CONFIG', 'discriminator: a block has neither features nor an image to read');
  const y = convLayer(img, fromrgb, { act, convClamp });
  return x ? add(x, y) : y;
}

/**
 * Halves the resolution: two convolutions, with a linear shortcut in 'resnet' (both branches gain
 * √½), or with the down-sampled image going along in 'skip'. Differentiable: any order.
 *
 * @returns x [N,h/2,w/2,O], and img [N,h/2,w/2,imgChannels] in 'skip'.
 */
export function discriminatorBlock(
  params: DiscriminatorBlockParams,
  state: DiscriminatorState,
  options: DiscriminatorBlockOptions,
): DiscriminatorState {
  const { architecture, resampleFilter, activation: act = 'lrelu', convClamp = null } = options;
  return tidy((): { readonly x: Tensor4D; readonly img?: Tensor4D } => {
    const x = withImage(state, params.fromrgb, options);
    const gain = params.skip ? Math.SQRT1_2 : 1;
    const y = convLayer(convLayer(x, params.conv0, { act, convClamp }), params.conv1, { act, down: 2, resampleFilter, gain, convClamp });
    const out = params.skip ? add<Tensor4D>(convLayer(x, params.skip, { down: 2, resampleFilter, gain }), y) : y;
    return architecture === 'skip' ? { x: out, img: downsample2d(state.img!, resampleFilter) } : { x: out };
  });
}
