import type { AttentionExtractor, HeatmapRenderer, HeatmapSampler, LossPlugin, SpatialEncoder } from '@spatialgan/core';
import { createRng, type DiscriminatorModel, type GeneratorModel, SpatialGANError } from '@spatialgan/core';
import { augmentPipe } from '@spatialgan/data/augment';
import { gradCam } from '@spatialgan/gradcam';
import {
  gaussianRenderer, heatmapChannels, hierarchicalSampler, independentSampler, multiObjectSampler, noiseSampler,
} from '@spatialgan/heatmap';
import { selConcat, selFlatten, selIndoor, selNorm } from '@spatialgan/sel';
import { styleGan2Discriminator, styleGan2Generator } from '@spatialgan/stylegan2';
import type { AugmentationOptions } from '@spatialgan/trainer';
import { alignAttention, l1Alignment, minAlignment, nonSaturating, pathLength, r1 } from '@spatialgan/trainer/losses';
import type { AlignmentConfig, EncoderConfig, ModelConfig, SamplerConfig, TrainingConfig } from './modelConfig.js';

function encoderOf(config: EncoderConfig): SpatialEncoder<any, any> {
  switch (config.kind) {
    case 'norm':
      return selNorm(config);
    case 'concat':
      return selConcat(config);
    case 'flatten':
      return selFlatten(config);
    case 'indoor':
      return selIndoor(config);
    default:
      throw new SpatialGANError('CONFIG', `encoder: expected kind norm, concat, flatten or indoor, got '${(config as EncoderConfig).kind}'`);
  }
}

/** The sampler of a configuration. */
export function samplerOf(config: SamplerConfig): HeatmapSampler {
  switch (config.kind) {
    case 'hierarchical':
      return hierarchicalSampler(config);
    case 'independent':
      return independentSampler(config);
    case 'noise':
      return noiseSampler(config);
    case 'multiObject':
      return multiObjectSampler(config);
    default:
      throw new SpatialGANError(
        'CONFIG',
        `sampler: expected kind hierarchical, independent, noise or multiObject, got '${(config as SamplerConfig).kind}'`,
      );
  }
}

/** The networks of a configuration and what feeds them. Holds no tensors. */
export interface BuiltModel {
  readonly config: ModelConfig;
  readonly generator: GeneratorModel;
  readonly discriminator: DiscriminatorModel;
  readonly sampler: HeatmapSampler;
  readonly renderer: HeatmapRenderer;
  /** K per feature resolution, ascending. */
  readonly heatmapChannels: ReadonlyMap<number, number>;
}

const resolutionsUpTo = (imgResolution: number): number[] => {
  const resolutions: number[] = [];
  for (let r = 4; r <= imgResolution; r *= 2) resolutions.push(r);
  return resolutions;
};

/**
 * Wires the networks of a configuration.
 *
 * @throws SpatialGANError 'CONFIG' when its parts do not fit.
 */
export function buildModel(config: ModelConfig): BuiltModel {
  const { imgResolution } = config.generator;
  const sampler = samplerOf(config.sampler);
  const { preset, size } = config.renderer;
  const renderer = gaussianRenderer({ preset, size: size === 'image' ? imgResolution : 'feature' });
  const channels = heatmapChannels(sampler.sample(createRng(0)), resolutionsUpTo(imgResolution));
  const encoder = config.encoder && encoderOf(config.encoder);
  const generator = styleGan2Generator({
    ...config.generator,
    ...(encoder ? { encoder, heatmapChannels: Object.fromEntries(channels) } : {}),
  });
  return {
    config,
    generator,
    discriminator: styleGan2Discriminator(config.discriminator),
    sampler,
    renderer,
    heatmapChannels: encoder ? channels : new Map(),
  };
}

/** GradCAM as an alignment configuration reads it. */
export function extractorOf({ reading, targets }: Pick<AlignmentConfig, 'reading' | 'targets'>): AttentionExtractor {
  return gradCam({ targets, preset: reading });
}

/** Side of the maps that D's block gives: its output is half its resolution. */
const resolutionOfTarget = (target: string): number => Number(target.slice(1)) / 2;

/** The loss plugins of a configuration. */
export function lossesOf(training: TrainingConfig, model: BuiltModel): readonly LossPlugin[] {
  const { alignment } = training;
  const losses: LossPlugin[] = [...nonSaturating(), r1(training.r1)];
  if (training.pathLength) losses.push(pathLength(training.pathLength));
  if (!alignment || alignment.weight === 0) return losses;
  if (model.heatmapChannels.size === 0) {
    throw new SpatialGANError('CONFIG', 'alignment: expected a model with an encoder, got one without; set alignment to null');
  }
  const { reading, tau, weight, kind } = alignment;
  const loss = kind === 'minimum' ? minAlignment({ truncation: reading === 'paper' ? 'zero' : 'kept', tau }) : l1Alignment({ reading, tau });
  losses.push(alignAttention({ extractor: extractorOf(alignment), loss, resolutionOf: resolutionOfTarget, weight }));
  return losses;
}

/** The augmentation of a configuration, for a trainer's `augment`. @throws SpatialGANError 'CONFIG' on an unknown pipeline. */
export function augmentOf({ augment }: TrainingConfig): { readonly augment?: AugmentationOptions } {
  if (!augment) return {};
  const { pipe, p, target } = augment;
  return { augment: { pipe: augmentPipe(pipe), p, ada: target === null ? null : { target } } };
}
