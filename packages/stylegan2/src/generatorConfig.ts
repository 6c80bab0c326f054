import { type SpatialEncoder, SpatialGANError } from '@spatialgan/core';
import type { Activation } from '@spatialgan/ops';
import { checkResolution } from './channels.js';
import type { ResolvedMappingConfig } from './mapping.js';

/** How a network joins its resolutions (StyleGAN2, Fig. 7). */
export type Architecture = 'skip' | 'resnet' | 'orig';

/** Options of a generator's mapping network. */
export interface MappingConfig {
  /** Fully connected layers. Default 8 (StyleGAN2; the `auto` preset takes 2). */
  readonly numLayers?: number;
  /** Features of the embedded labels. Default wDim. */
  readonly embedFeatures?: number;
  /** Features of the hidden layers. Default wDim. */
  readonly layerFeatures?: number;
  /** Default 'lrelu'. */
  readonly activation?: Activation;
  /** Learning rate of the layers relative to the network's. Default 0.01. */
  readonly lrMultiplier?: number;
  /** Decay of the tracked mean of w; null = not tracked. Default 0.995 in a generator, null in a discriminator. */
  readonly wAvgBeta?: number | null;
}

/** Options of {@link styleGan2Generator}. Defaults are StyleGAN2's unless another source is named. */
export interface GeneratorConfig {
  /** Height and width of the images, in pixels; a power of two ≥ 4. */
  readonly imgResolution: number;
  /** Channels of the images. Default 3. */
  readonly imgChannels?: number;
  /** Size of z. Default 512. */
  readonly zDim?: number;
  /** Size of w. Default 512. */
  readonly wDim?: number;
  /** Size of the labels c. Default 0: unconditional. */
  readonly cDim?: number;
  readonly mapping?: MappingConfig;
  /** Channels at resolution r are channelBase / r. Default 32768. */
  readonly channelBase?: number;
  /** Upper bound of the channels. Default 512. */
  readonly channelMax?: number;
  /** Default 'skip'. */
  readonly architecture?: Architecture;
  /** Activation of the convolutions. Default 'lrelu'. */
  readonly activation?: Activation;
  /** Taps of the low-pass filter around up-sampling. Default [1,3,3,1]. */
  readonly resampleFilter?: readonly number[];
  /** Bound of the absolute value of every convolution's output; null = none. Default null (float32 needs none). */
  readonly convClamp?: number | null;
  /** Whether the layers have noise inputs. Default true. */
  readonly useNoise?: boolean;
  /** Feeds heatmaps into the synthesis; default none (plain StyleGAN2). */
  readonly encoder?: SpatialEncoder<any, any>;
  /** K, the number of regions, per feature resolution that is fed. Needed with an encoder. */
  readonly heatmapChannels?: Readonly<Record<number, number>>;
}

/** A generator, every field decided. */
export interface ResolvedGeneratorConfig
  extends Required<Omit<GeneratorConfig, 'mapping' | 'encoder' | 'heatmapChannels'>> {
  readonly mapping: ResolvedMappingConfig;
  readonly encoder: SpatialEncoder<any, any> | null;
  /** Ascending; empty without an encoder. */
  readonly heatmapChannels: ReadonlyMap<number, number>;
}

/** Fills in a mapping network's defaults. */
export function resolveMappingConfig(
  dims: Pick<ResolvedMappingConfig, 'zDim' | 'cDim' | 'wDim' | 'wAvgBeta'>,
  config: MappingConfig = {},
): ResolvedMappingConfig {
  const resolved = {
    numLayers: 8,
    embedFeatures: dims.wDim,
    layerFeatures: dims.wDim,
    activation: 'lrelu',
    lrMultiplier: 0.01,
    ...dims,
    ...config,
  } satisfies ResolvedMappingConfig;
  requirePositive('mapping', resolved, ['wDim', 'numLayers', 'embedFeatures', 'layerFeatures', 'lrMultiplier']);
  return resolved;
}

/** Refuses numbers that are not above 0. */
export function requirePositive<T extends object>(where: string, config: T, names: readonly (keyof T & string)[]): void {
  for (const name of names) {
    const value = config[name] as unknown as number;
    if (!(value > 0)) throw new SpatialGANError('CONFIG', `${where}: ${name} must be above 0, got ${value}`);
  }
}

function resolveHeatmapChannels(config: GeneratorConfig): ReadonlyMap<number, number> {
  if (!config.encoder) return new Map();
  const entries = Object.entries(config.heatmapChannels ?? {}).map(([r, K]) => [Number(r), K] as const);
  if (entries.length === 0) {
    throw new SpatialGANError(
      'CONFIG',
      `styleGan2Generator: encoder '${config.encoder.name}' needs heatmapChannels, e.g. { 4: 1, 8: 2, 16: 4 }; got none`,
    );
  }
  for (const [r, K] of entries) {
    if (!Number.isInteger(Math.log2(r)) || r < 4 || r > config.imgResolution || !Number.isInteger(K) || K < 1) {
      throw new SpatialGANError(
        'CONFIG',
        `styleGan2Generator: heatmapChannels must map block resolutions (4 … ${config.imgResolution}) to region counts ≥ 1, ` +
          `got ${r}: ${K}`,
      );
    }
  }
  return new Map(entries.sort(([a], [b]) => a - b));
}

/**
 * Fills in the defaults of a generator and checks them.
 *
 * @throws SpatialGANError 'CONFIG' naming the field that cannot be.
 */
export function resolveGeneratorConfig(config: GeneratorConfig): ResolvedGeneratorConfig {
  const { mapping, encoder, heatmapChannels: _K, ...rest } = config;
  const base = {
    imgChannels: 3, zDim: 512, wDim: 512, cDim: 0, channelBase: 32768, channelMax: 512, architecture: 'skip',
    activation: 'lrelu', resampleFilter: [1, 3, 3, 1], convClamp: null, useNoise: true, ...rest,
  } as const satisfies Omit<ResolvedGeneratorConfig, 'mapping' | 'encoder' | 'heatmapChannels'>;
  requirePositive('styleGan2Generator', base, ['imgChannels', 'zDim', 'wDim', 'channelBase', 'channelMax']);
  checkResolution('styleGan2Generator', base.imgResolution, base, 4);
  const { zDim, cDim, wDim } = base;
  return {
    ...base,
    mapping: resolveMappingConfig({ zDim, cDim, wDim, wAvgBeta: 0.995 }, mapping),
    encoder: encoder ?? null,
    heatmapChannels: resolveHeatmapChannels(config),
  };
}
