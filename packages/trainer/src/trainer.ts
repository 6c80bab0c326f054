import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { dispose } from '@tensorflow/tfjs-core';
import {
  createRng, type DiscriminatorModel, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, isSpatialGANError,
  type LossPlugin, readParams, SpatialGANError, tensorsOf, type TrainerContext, type TrainerPlugin, type TrainingSnapshot,
  unflattenParams,
} from '@spatialgan/core';
import type { EmaOptions } from './ema.js';
import { adam, type AdamOptions } from './optim/adam.js';
import { createStatCollector } from './stats.js';
import { drawGeneratorInputs, type StepObserver, type TrainingSetup, trainStep } from './trainStep.js';
import {
  disposeTrainerState, initTrainerState, readTrainerState, restoreTrainerState, type TrainerState,
} from './trainerState.js';

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
  /** Layer noise while training. Default 'random'. */
  readonly noiseMode?: 'const' | 'random' | 'none';
  /** Length of a tick in thousands of images. Default 1. */
  readonly kimgPerTick?: number;
}

/** How a run ended. */
export interface RunOutcome {
  readonly reason: 'finished' | 'aborted' | (string & {});
  readonly kimg: number;
}

/** A training run. */
export interface Trainer {
  readonly step: number;
  readonly kimg: number;
  /** Borrowed: valid until the next step. */
  readonly params: TrainerContext['params'];
  /** Trains until `kimg` thousand images were shown in all, a plugin stops it, or the signal fires (after the step). */
  run(options: { readonly kimg: number; readonly signal?: AbortSignal }): Promise<RunOutcome>;
  /** A copy of everything that a run needs to go on. */
  save(): Promise<TrainingSnapshot>;
  /** @throws SpatialGANError 'CHECKPOINT' when the snapshot is of another configuration; the trainer is then unchanged. */
  restore(snapshot: TrainingSnapshot): void;
  dispose(): void;
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

function checkOptions({ losses, generator, discriminator, plugins = [] }: TrainerOptions): void {
  const fail = (what: string): never => {
    throw new SpatialGANError('CONFIG', `createTrainer: ${what}`);
  };
  if (generator.imgResolution !== discriminator.imgResolution) {
    fail(`expected one image resolution, got ${generator.imgResolution} of G and ${discriminator.imgResolution} of D`);
  }
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

function asTrainingData(data: TrainingOptionsData): TrainingData {
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
type TrainingOptionsData = TrainerOptions['data'];

const ORDER = { pre: 0, post: 2 };

/**
 * Creates a trainer from its parts; it owns parameters, moments and averages until `dispose()`.
 *
 * Each iteration's randomness follows from the seed and the step number alone, so a restored
 * trainer goes on exactly as if it had never stopped.
 *
 * @throws SpatialGANError 'CONFIG' when the parts do not fit.
 */
export function createTrainer(options: TrainerOptions): Trainer {
  checkOptions(options);
  const adamFor = (network: 'G' | 'D') =>
    adam({ lr: 0.0025, lazyInterval: lazyIntervalOf(options.losses, network), ...options.optimizer?.[network] });
  const setup: TrainingSetup = {
    generator: options.generator,
    discriminator: options.discriminator,
    sampler: options.sampler,
    renderer: options.renderer,
    losses: options.losses,
    optimizers: { G: adamFor('G'), D: adamFor('D') },
    ema: options.ema ?? { kimg: 10, rampup: 0.05 },
    styleMixingProb: options.styleMixingProb ?? 0.9,
    noiseMode: options.noiseMode ?? 'random',
  };
  const data = asTrainingData(options.data);
  const rng = createRng(options.seed);
  const state: { of: TrainerState } = { of: initTrainerState(setup, rng.split('init')) };
  const plugins = [...(options.plugins ?? [])].sort((a, b) => (ORDER[a.order!] ?? 1) - (ORDER[b.order!] ?? 1));
  const stats = createStatCollector();
  let disposed = false;

  const params = (): TrainerContext['params'] => ({ G: state.of.G, D: state.of.D, gEma: state.of.gEma });
  const iterate = async (observer: StepObserver): Promise<void> => {
    const batch = await data.next();
    const stepRng = rng.split(`step:${state.of.step}`);
    try {
      trainStep({
        setup,
        state: state.of,
        batch,
        rng: stepRng,
        draw: (phase, count) => drawGeneratorInputs(setup, stepRng.split(phase), batch.labels, count),
        stats,
        observer,
      });
    } finally {
      dispose([batch.images, ...(batch.labels ? [batch.labels] : [])]);
    }
  };
  const call = async (hook: (plugin: TrainerPlugin) => unknown): Promise<void> => {
    for (const plugin of plugins) {
      try {
        await hook(plugin);
      } catch (error) {
        if (isSpatialGANError(error) && error.plugin) throw error;
        const message = error instanceof Error ? error.message : String(error);
        throw new SpatialGANError(isSpatialGANError(error) ? error.code : 'CONFIG', message, { cause: error, plugin: plugin.name });
      }
    }
  };

  const save = async (): Promise<TrainingSnapshot> => {
    const snapshot = await readTrainerState(state.of, data.cursor);
    const groups = { ...snapshot.groups };
    for (const plugin of plugins) {
      const tree = plugin.saveState?.();
      if (tree !== undefined) groups[`plugin.${plugin.name}`] = await readParams(tree);
    }
    return { ...snapshot, groups };
  };

  return {
    get step() {
      return state.of.step;
    },
    get kimg() {
      return state.of.images / 1000;
    },
    get params() {
      return params();
    },
    async run({ kimg, signal }) {
      if (disposed) throw new SpatialGANError('DISPOSED', 'trainer.run: the trainer is disposed; create a new one');
      const run: { reason?: string; error?: unknown } = {};
      let means: Readonly<Record<string, number>> = {};
      const context = (): TrainerContext => ({
        step: state.of.step,
        kimg: state.of.images / 1000,
        totalKimg: kimg,
        params: params(),
        stats: means,
        save,
        stop: (reason) => (run.reason ??= reason),
      });
      const imagesPerTick = (options.kimgPerTick ?? 1) * 1000;
      let tickAt = state.of.images + imagesPerTick;
      try {
        await call((plugin) => plugin.onStart?.(context()));
        while (run.reason === undefined) {
          if (state.of.images >= kimg * 1000) run.reason = 'finished';
          else if (signal?.aborted) run.reason = 'aborted';
          else {
            await iterate({});
            await call((plugin) => plugin.onStep?.(context()));
            if (state.of.images < tickAt) continue;
            tickAt += imagesPerTick;
            means = await stats.read();
            await call((plugin) => plugin.onTick?.(context()));
          }
        }
      } catch (error) {
        run.error = error;
        run.reason = 'error';
      }
      const outcome = { reason: run.reason, ...('error' in run ? { error: run.error } : {}) };
      await call((plugin) => plugin.onEnd?.(context(), outcome));
      if ('error' in run) throw run.error;
      return { reason: run.reason, kimg: state.of.images / 1000 };
    },
    save,
    restore(snapshot) {
      state.of = restoreTrainerState(state.of, snapshot);
      for (const plugin of plugins) {
        const saved = snapshot.groups[`plugin.${plugin.name}`];
        if (saved) plugin.loadState?.(unflattenParams(tensorsOf(saved)));
      }
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      disposeTrainerState(state.of);
      stats.dispose();
    },
  };
}
