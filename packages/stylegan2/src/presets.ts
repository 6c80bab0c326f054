import type { DiscriminatorConfig } from './discriminatorConfig.js';
import type { GeneratorConfig } from './generatorConfig.js';

/** How a preset is trained; the trainer's options by the same names. */
export interface TrainingHyperparameters {
  /** Images per optimizer step. */
  readonly batch: number;
  /** Learning rate of both Adams. */
  readonly learningRate: number;
  /** Adam's decay rates. */
  readonly adamBetas: readonly [number, number];
  /** Adam's epsilon. */
  readonly adamEpsilon: number;
  /** Weight γ of R1. */
  readonly r1Gamma: number;
  /** Steps between R1 steps. */
  readonly r1Interval: number;
  /** Weight of the path length penalty; the paper's runs switch it off (0). */
  readonly pathLengthWeight: number;
  /** Steps between path length steps. */
  readonly pathLengthInterval: number;
  /** Probability of style mixing; the paper's runs switch it off (0). */
  readonly styleMixingProbability: number;
  /** Half-life of the moving average of G, thousands of images. */
  readonly emaKimg: number;
  /** The half-life is at most this share of the images shown so far; null = no ramp-up. */
  readonly emaRampup: number | null;
  /** Length of the whole training, thousands of images. */
  readonly kimg: number;
}

/** Networks and the way to train them. */
export interface Preset {
  readonly generator: GeneratorConfig;
  readonly discriminator: DiscriminatorConfig;
  readonly training: TrainingHyperparameters;
}

const training = {
  learningRate: 0.0025,
  adamBetas: [0, 0.99],
  adamEpsilon: 1e-8,
  r1Interval: 16,
  pathLengthWeight: 2,
  pathLengthInterval: 4,
  styleMixingProbability: 0.9,
  emaRampup: null,
  kimg: 25000,
} as const;

/** What tells one preset from another. */
interface Recipe {
  readonly imgResolution: number;
  readonly channelBase: number;
  readonly mappingLayers: number;
  readonly mbstdGroupSize: number;
}

function preset(recipe: Recipe, hyperparameters: TrainingHyperparameters): Preset {
  const { imgResolution, channelBase, mappingLayers, mbstdGroupSize } = recipe;
  return {
    generator: { imgResolution, channelBase, mapping: { numLayers: mappingLayers } },
    discriminator: { imgResolution, channelBase, mbstdGroupSize },
    training: hyperparameters,
  };
}

/** 256×256, StyleGAN2-ADA's reproduction of the paper's runs; what the SpatialGAN paper trains (SPEC §3). */
export const paper256 = (): Preset =>
  preset(
    { imgResolution: 256, channelBase: 16384, mappingLayers: 8, mbstdGroupSize: 8 },
    { ...training, batch: 64, r1Gamma: 1, emaKimg: 20 },
  );

/** 512×512 (StyleGAN2-ADA `paper512`). */
export const paper512 = (): Preset =>
  preset(
    { imgResolution: 512, channelBase: 32768, mappingLayers: 8, mbstdGroupSize: 8 },
    { ...training, batch: 64, r1Gamma: 0.5, emaKimg: 20 },
  );

/** 1024×1024 (StyleGAN2-ADA `paper1024`). */
export const paper1024 = (): Preset =>
  preset(
    { imgResolution: 1024, channelBase: 32768, mappingLayers: 8, mbstdGroupSize: 4 },
    { ...training, batch: 32, learningRate: 0.002, r1Gamma: 2, emaKimg: 10 },
  );

/** StyleGAN2's config F at any resolution (StyleGAN2-ADA `stylegan2`). Default 1024. */
export const stylegan2 = (imgResolution = 1024): Preset =>
  preset(
    { imgResolution, channelBase: 32768, mappingLayers: 8, mbstdGroupSize: 4 },
    { ...training, batch: 32, learningRate: 0.002, r1Gamma: 10, emaKimg: 10 },
  );

/** 32×32 (StyleGAN2-ADA `cifar`): no path length, no mixing, an 'orig' discriminator. */
export function cifar(): Preset {
  const base = preset(
    { imgResolution: 32, channelBase: 32768, mappingLayers: 2, mbstdGroupSize: 32 },
    {
      ...training, batch: 64, r1Gamma: 0.01, emaKimg: 500, emaRampup: 0.05, kimg: 100000,
      pathLengthWeight: 0, styleMixingProbability: 0,
    },
  );
  return { ...base, discriminator: { ...base.discriminator, architecture: 'orig' } };
}

/**
 * Settings worked out from the resolution and the batch (StyleGAN2-ADA `auto`).
 *
 * @param imgResolution pixels.
 * @param batch images per step.
 * @param batchPerDevice images of one forward pass, where the batch is accumulated. Default `batch`.
 */
export function auto(imgResolution: number, batch: number, batchPerDevice = batch): Preset {
  return preset(
    {
      imgResolution,
      channelBase: imgResolution >= 512 ? 32768 : 16384,
      mappingLayers: 2,
      mbstdGroupSize: Math.min(batchPerDevice, 4),
    },
    {
      ...training,
      batch,
      learningRate: imgResolution >= 1024 ? 0.002 : 0.0025,
      r1Gamma: (0.0002 * imgResolution ** 2) / batch,
      emaKimg: (batch * 10) / 32,
      emaRampup: 0.05,
    },
  );
}

/** A network that two CPU cores can train: z = w = 64, at most 64 channels; the rest as `auto`. */
function tiny(imgResolution: number, channelBase: number): Preset {
  const { generator, discriminator, training: hyperparameters } = auto(imgResolution, 16);
  const schedule = { channelBase, channelMax: 64 };
  return {
    generator: { ...generator, ...schedule, zDim: 64, wDim: 64 },
    discriminator: { ...discriminator, ...schedule },
    training: hyperparameters,
  };
}

/** 32×32 for tests and CPUs: channelBase 1024 (64 channels up to 16×16, 32 at 32×32), batch 16. */
export const tiny32 = (): Preset => tiny(32, 1024);

/** 64×64 for tests and CPUs: channelBase 2048 (64 channels up to 32×32, 32 at 64×64), batch 16. */
export const tiny64 = (): Preset => tiny(64, 2048);
