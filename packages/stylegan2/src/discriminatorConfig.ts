import { type Architecture, type MappingConfig, requirePositive, resolveMappingConfig } from './generatorConfig.js';
import type { Activation } from '@spatialgan/ops';
import { channelsAt, checkResolution } from './channels.js';
import type { ResolvedMappingConfig } from './mapping.js';

/** Options of {@link styleGan2Discriminator}. Defaults are StyleGAN2's unless another source is named. */
export interface DiscriminatorConfig {
  /** Height and width of the images, in pixels; a power of two ≥ 8. */
  readonly imgResolution: number;
  /** Channels of the images. Default 3. */
  readonly imgChannels?: number;
  /** Size of the labels c. Default 0: unconditional. */
  readonly cDim?: number;
  /** Default 'resnet'. */
  readonly architecture?: Architecture;
  /** Channels at resolution r are channelBase / r. Default 32768. */
  readonly channelBase?: number;
  /** Upper bound of the channels. Default 512. */
  readonly channelMax?: number;
  /** Activation of the convolutions. Default 'lrelu'. */
  readonly activation?: Activation;
  /** Taps of the low-pass filter before down-sampling. Default [1,3,3,1]. */
  readonly resampleFilter?: readonly number[];
  /** Bound of the absolute value of every convolution's output; null = none. Default null (float32 needs none). */
  readonly convClamp?: number | null;
  /** Features of the mapped labels that the output is projected on. Default the channels at 4×4; 0 without labels. */
  readonly cmapDim?: number;
  /** Mapping network of the labels; its mean is not tracked. */
  readonly mapping?: MappingConfig;
  /** Samples per group of the minibatch standard deviation; null = the whole batch. Default 4. */
  readonly mbstdGroupSize?: number | null;
  /**
   * Layers that are not trained, from the image on: fromrgb, conv0, conv1, skip of the largest block, then of the next (Freeze-D,
   * Mo et al. 2020). Default 0.
   */
  readonly freezeLayers?: number;
  /** Channels of the minibatch standard deviation; 0 switches it off. Default 1. */
  readonly mbstdNumChannels?: number;
}

/** A discriminator, every field decided. */
export interface ResolvedDiscriminatorConfig extends Required<Omit<DiscriminatorConfig, 'mapping'>> {
  /** null when unconditional. */
  readonly mapping: ResolvedMappingConfig | null;
}

/**
 * Fills in the defaults of a discriminator and checks them.
 *
 * @throws SpatialGANError 'CONFIG' naming the field that cannot be.
 */
export function resolveDiscriminatorConfig(config: DiscriminatorConfig): ResolvedDiscriminatorConfig {
  const { mapping, ...rest } = config;
  const base = {
    imgChannels: 3, cDim: 0, architecture: 'resnet', channelBase: 32768, channelMax: 512, activation: 'lrelu',
    resampleFilter: [1, 3, 3, 1], convClamp: null, mbstdGroupSize: 4, mbstdNumChannels: 1, freezeLayers: 0, ...rest,
  } as const satisfies Omit<ResolvedDiscriminatorConfig, 'mapping' | 'cmapDim'>;
  requirePositive('styleGan2Discriminator', base, ['imgChannels', 'channelBase', 'channelMax']);
  checkResolution('styleGan2Discriminator', base.imgResolution, base, 8);
  const { cDim } = base;
  const cmapDim = cDim === 0 ? 0 : (config.cmapDim ?? channelsAt(4, base));
  return {
    ...base,
    cmapDim,
    mapping: cDim === 0 ? null : resolveMappingConfig({ zDim: 0, cDim, wDim: cmapDim, wAvgBeta: null }, mapping),
  };
}
