import { dispose, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import {
  type DiscriminatorModel, disposeParams, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, type LossPlugin, type Rng, withLeaves,
} from '@spatialgan/core';
import type { Augmentation } from './augmentation.js';
import { emaBeta, type EmaOptions, emaUpdate } from './ema.js';
import { type BatchEvaluation, type BatchParts, evaluateBatch } from './evaluateBatch.js';
import type { PartEvaluator } from './evaluatePart.js';
import type { DrawInputs } from './generatorInputs.js';
import { intervalOf, openDiscriminator, openGenerator } from './openPart.js';
import type { StatCollector } from './stats.js';
import { type NetworkName, type Optimizers, replaceNetwork, type TrainerState } from './trainerState.js';

/** The parts of a training run that do not change. */
export interface TrainingSetup {
  readonly generator: GeneratorModel;
  readonly discriminator: DiscriminatorModel;
  readonly sampler: HeatmapSampler;
  readonly renderer: HeatmapRenderer;
  readonly losses: readonly LossPlugin[];
  readonly optimizers: Optimizers;
  readonly ema: EmaOptions;
  readonly styleMixingProb: number;
  readonly noiseMode: 'const' | 'random' | 'none';
}

/** One batch of real images, borrowed for the step. */
export interface TrainingBatch {
  readonly images: Tensor4D;
  readonly labels?: Tensor2D;
}

/** Losses of a network that are due at this step: the main ones first, then each lazy interval's. */
export function dueLosses(losses: readonly LossPlugin[], network: NetworkName, step: number): readonly (readonly LossPlugin[])[] {
  const own = losses.filter((loss) => loss.network === network);
  const intervals = [...new Set(own.map(intervalOf))].sort((a, b) => a - b);
  return intervals
    .filter((interval) => step % interval === 0)
    .map((interval) => own.filter((loss) => intervalOf(loss) === interval));
}

/** Receives intermediate results of a step, e.g. gradients for a test. Borrowed. */
export interface StepObserver {
  onGradients?(phase: string, evaluation: BatchEvaluation): void;
}

/** One iteration's surroundings. */
export interface StepContext {
  readonly setup: TrainingSetup;
  readonly state: TrainerState;
  readonly batch: TrainingBatch;
  /** The randomness of this iteration: a function of seed and step alone. */
  readonly rng: Rng;
  readonly draw: DrawInputs;
  readonly stats: StatCollector;
  readonly observer: StepObserver;
  /** Transforms what D sees. */
  readonly augmentation?: Augmentation | undefined;
  /** Computes the batch in parts; default: at once. */
  readonly split?: BatchParts | undefined;
  /** Computes the phases, e.g. by {@link createPhasePasses}; default: through tfjs's engine. */
  readonly evaluator?: PartEvaluator | undefined;
}

function applyEvaluation(context: StepContext, network: NetworkName, evaluation: BatchEvaluation): void {
  const { setup, state, stats } = context;
  const moments = network === 'G' ? state.adamG : state.adamD;
  const next = setup.optimizers[network].update(state[network], evaluation.grads, moments);
  replaceNetwork(state, network, next.params, next.state);
  dispose([...evaluation.grads.values()]);
  for (const [name, value] of evaluation.reports) {
    stats.report(name, value);
    context.augmentation?.observe(name, value);
    if (typeof value !== 'number') value.dispose();
  }
  for (const [name, tree] of evaluation.states) {
    const old = state.losses.get(name);
    if (old) disposeParams(old);
    state.losses.set(name, tree);
  }
  if (evaluation.buffers.size > 0) replaceNetwork(state, 'G', withLeaves(state.G, evaluation.buffers));
}

async function runPhase(context: StepContext, network: NetworkName, losses: readonly LossPlugin[]): Promise<void> {
  const name = `${network}${intervalOf(losses[0]!) === 1 ? 'main' : 'reg'}`;
  const { parts = 1, communicator } = context.split ?? {};
  const open = network === 'G' ? openGenerator : openDiscriminator;
  const count = context.batch.images.shape[0] / parts;
  const evaluation = await evaluateBatch((part) => open(context, { name, losses, count, part }), { parts, communicator }, context.evaluator);
  context.observer.onGradients?.(name, evaluation);
  applyEvaluation(context, network, evaluation);
}

/**
 * One iteration: for G, then D, the main losses and whatever lazy ones are due; then the EMA (§6).
 * Changes `context.state`, whose tensors it owns meanwhile; borrows the batch.
 */
export async function trainStep(context: StepContext): Promise<void> {
  const { setup, state, batch } = context;
  for (const network of ['G', 'D'] as const) {
    for (const losses of dueLosses(setup.losses, network, state.step)) await runPhase(context, network, losses);
  }
  const beta = emaBeta(setup.ema, batch.images.shape[0], state.images);
  const isBuffer = (path: string): boolean => setup.generator.isBuffer(path);
  const gEma = emaUpdate(state.gEma, state.G, { beta, isBuffer });
  disposeParams(state.gEma);
  state.gEma = gEma;
  state.images += batch.images.shape[0];
  state.step++;
}
