import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  type Communicator, type DiscriminatorModel, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, type LossPlugin, SpatialGANError,
  type TrainerPlugin,
} from '@spatialgan/core';
import type { AugmentationOptions } from './augmentation.js';
import type { DivergenceOptions } from './divergence/divergenceGuard.js';
import type { EmaOptions } from './ema.js';
import { adam, type AdamOptions, type Optimizer } from './optim/adam.js';
import type { TrainingSetup } from './trainStep.js';

/** A source of real batches that can tell and resume its position. The trainer disposes each batch after use. */
export interface TrainingData {
  next(): Promise<{ readonly images: Tensor4D; readonly labels?: Tensor2D }>;
  /** Plain JSON; two streams at the same cursor continue alike. */
  readonly cursor?: unknown;
}

/** Optimizer settings of one network; `lazyInterval` defaults to that of the network's lazy loss. */
export type NetworkOptimizerOptions = AdamOptions;

/** Everything a run is assembled from. */
export interface TrainerOptions {
  readonly generator: GeneratorModel;
  readonly discriminator: DiscriminatorModel;
  readonly sampler: HeatmapSampler;
  readonly renderer: HeatmapRenderer;
  readonly losses: readonly LossPlugin[];
  readonly plugins?: readonly TrainerPlugin[];
  /** Batches of real images [N,H,W,C] in [-1, 1]; the batch size is theirs. */
  readonly data: TrainingData | AsyncIterable<Tensor4D>;
  readonly seed: number;
  /** Adam per network. Default lr 0.0025, betas (0, 0.99), eps 1e-8. */
  readonly optimizer?: { readonly G?: NetworkOptimizerOptions; readonly D?: NetworkOptimizerOptions };
  /** Default 10 kimg with ramp-up 0.05. */
  readonly ema?: EmaOptions;
  /** Default 0.9, as StyleGAN2; the paper's runs use 0. */
  readonly styleMixingProb?: number;
  /** Random transforms of all that D sees, fixed or adaptive (ADA). Default none, as in the paper's runs. */
  readonly augment?: AugmentationOptions;
  /**
   * Checks every step for losses and gradients that are not finite, names the first such tensor and undoes the step. Holds a second
   * copy of the state while a step runs. Default: not finite gradients count as none (StyleGAN2's way).
   */
  readonly divergence?: DivergenceOptions;
  /** Layer noise while training. Default 'random'. */
  readonly noiseMode?: 'const' | 'random' | 'none';
  /**
   * Images computed at a time: a larger batch is done in parts whose gradients are added up, with the same result but for
   * rounding, in less memory. Must divide the batch, and hold whole groups of D's minibatch deviation. Default: all at once.
   */
  readonly batchGpu?: number;
  /**
   * Shares each batch with other processes, each with a trainer of the same options. Rank 0 leads: only its `data` and
   * `plugins` are used and only its `run` has a goal; that of the others ends with it. Default: alone.
   */
  readonly communicator?: Communicator;
  /**
   * Records the kernel calls of each phase once and runs these from then on, with the same bits in less time, where the losses
   * allow it (see `LossPlugin`). Default true.
   */
  readonly recordPasses?: boolean;
  /** Length of a tick in thousands of images; ticks lie at its multiples. Default 1. */
  readonly kimgPerTick?: number;
}

function lazyIntervalOf(losses: readonly LossPlugin[], network: 'G' | 'D'): number {
  const lazy = [...new Set(losses.filter((l) => l.network === network).map((l) => l.interval ?? 1))].filter((n) => n > 1);
  if (lazy.length > 1) {
    throw new SpatialGANError(
      'CONFIG',
      `createTrainer: expected the lazy losses of ${network} to share one interval, got ${lazy.join(' and ')}; Adam is corrected for one`,
    );
  }
  return lazy[0] ?? 1;
}

function checkOptions({ losses, generator, discriminator, plugins = [], kimgPerTick = 1 }: TrainerOptions): void {
  const fail = (what: string): never => {
    throw new SpatialGANError('CONFIG', `createTrainer: ${what}`);
  };
  if (generator.imgResolution !== discriminator.imgResolution) {
    fail(`expected one image resolution, got ${generator.imgResolution} of G and ${discriminator.imgResolution} of D`);
  }
  if (!(kimgPerTick > 0)) fail(`expected kimgPerTick above 0, got ${kimgPerTick}`);
  for (const network of ['G', 'D'] as const) {
    if (!losses.some((loss) => loss.network === network && (loss.interval ?? 1) === 1)) {
      fail(`expected a loss of ${network} at every step (interval 1), got none; add e.g. nonSaturating()`);
    }
  }
  for (const list of [losses, plugins]) {
    const names = list.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) fail(`expected plugin names to differ, got '${twice}' twice`);
  }
}

/**
 * The unchanging parts of a run with their defaults filled in.
 *
 * @throws SpatialGANError 'CONFIG' when the parts do not fit.
 */
export function trainingSetup(options: TrainerOptions): TrainingSetup {
  checkOptions(options);
  const { generator, discriminator, sampler, renderer, losses, optimizer } = options;
  const adamFor = (network: 'G' | 'D'): Optimizer =>
    adam({ lr: 0.0025, lazyInterval: lazyIntervalOf(losses, network), ...optimizer?.[network] });
  return {
    generator, discriminator, sampler, renderer, losses,
    optimizers: { G: adamFor('G'), D: adamFor('D') },
    ema: options.ema ?? { kimg: 10, rampup: 0.05 },
    styleMixingProb: options.styleMixingProb ?? 0.9,
    noiseMode: options.noiseMode ?? 'random',
  };
}

/** Anything that gives batches, as a source that is asked for the next one. */
export function asTrainingData(data: TrainerOptions['data']): TrainingData {
  // A generator has a `next` as well: what can be iterated is iterated.
  if (!(Symbol.asyncIterator in data)) return data;
  const iterator = data[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await iterator.next();
      if (done) throw new SpatialGANError('DATA', 'trainer: the data ended; give an endless source of batches');
      return { images: value };
    },
  };
}
