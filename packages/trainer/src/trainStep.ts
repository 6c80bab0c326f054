import { dispose, type Tensor2D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import {
  type DiscriminatorModel, disposeParams, flattenParams, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, type LossPlugin,
  type Rng, withLeaves,
} from '@spatialgan/core';
import type { Augmentation } from './augmentation.js';
import { emaBeta, type EmaOptions, emaUpdate } from './ema.js';
import { evaluateLosses, type LossEvaluation } from './evaluateLosses.js';
import { disposeGeneratorInputs, type DrawInputs } from './generatorInputs.js';
import { createDiscriminatorPhase, createGeneratorPhase, generate, type GeneratorInputs } from './phases.js';
import type { StatCollector } from './stats.js';
import { disposeReplaced, type NetworkName, type Optimizers, replaceNetwork, trainableOf, type TrainerState } from './trainerState.js';

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

const intervalOf = (loss: LossPlugin): number => loss.interval ?? 1;

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
  onGradients?(phase: string, evaluation: LossEvaluation): void;
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
}

const augmentOf = ({ augmentation, rng }: StepContext, name: string): ((images: Tensor4D) => Tensor4D) | undefined =>
  augmentation?.stream(rng.split(`augment:${name}`));

function applyEvaluation(context: StepContext, network: NetworkName, evaluation: LossEvaluation): void {
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
}

/** Follows the codes of a training pass with G's buffers (w_avg). */
function updateBuffers({ setup, state }: StepContext, ws: Tensor3D | undefined): void {
  if (!ws || !setup.generator.updateBuffers) return;
  const buffers = setup.generator.updateBuffers(state.G, ws);
  const next = withLeaves(state.G, buffers);
  disposeReplaced(flattenParams(state.G), flattenParams(next));
  state.G = next;
}

function generatorPhase(context: StepContext, losses: readonly LossPlugin[], name: string): void {
  const { setup, state, batch, observer } = context;
  const inputs = context.draw(name, batch.images.shape[0]);
  const evaluation = evaluateLosses({
    losses,
    open: () => {
      const { phase, observed } = createGeneratorPhase({ ...setup, G: state.G, D: state.D, augment: augmentOf(context, name) }, inputs);
      return { phase, keep: () => ({ ws: observed() }) };
    },
    params: state.G,
    trainable: trainableOf(setup, 'G'),
    states: state.losses,
    kimg: state.images / 1000,
    gain: intervalOf(losses[0]!),
  });
  observer.onGradients?.(name, evaluation);
  applyEvaluation(context, 'G', evaluation);
  updateBuffers(context, evaluation.kept['ws'] as Tensor3D | undefined);
  dispose(Object.values(evaluation.kept));
  disposeGeneratorInputs(inputs);
}

function discriminatorPhase(context: StepContext, losses: readonly LossPlugin[], name: string): void {
  const { setup, state, batch, observer } = context;
  let inputs: GeneratorInputs | undefined;
  let made: { images: Tensor4D; unmixedWs: Tensor3D } | undefined;
  const fake = (): Tensor4D => {
    inputs ??= context.draw(name, batch.images.shape[0]);
    made ??= generateOutsideTape(context, inputs);
    return made.images;
  };
  // A main phase looks at generated images; a lazy one (R1) does not, and must not pay for them.
  if (intervalOf(losses[0]!) === 1) fake();
  const evaluation = evaluateLosses({
    losses,
    open: () => ({
      phase: createDiscriminatorPhase(
        { discriminator: setup.discriminator, D: state.D, augment: augmentOf(context, name) },
        { real: batch.images, ...(batch.labels ? { c: batch.labels, fakeC: batch.labels } : {}), fake, rng: context.rng.split(name) },
      ),
    }),
    params: state.D,
    trainable: trainableOf(setup, 'D'),
    states: state.losses,
    kimg: state.images / 1000,
    gain: intervalOf(losses[0]!),
  });
  observer.onGradients?.(name, evaluation);
  applyEvaluation(context, 'D', evaluation);
  if (made && inputs) {
    updateBuffers(context, made.unmixedWs);
    dispose([made.images, made.unmixedWs]);
    disposeGeneratorInputs(inputs);
  }
}

function generateOutsideTape({ setup, state }: StepContext, inputs: GeneratorInputs): { images: Tensor4D; unmixedWs: Tensor3D } {
  return tidy(() => {
    const { images, unmixedWs } = generate(setup.generator, state.G, inputs);
    return { images, unmixedWs };
  });
}

/**
 * One iteration: for G, then D, the main losses and whatever lazy ones are due; then the EMA (§6).
 * Changes `context.state`, whose tensors it owns meanwhile; borrows the batch.
 */
export function trainStep(context: StepContext): void {
  const { setup, state, batch } = context;
  for (const network of ['G', 'D'] as const) {
    const run = network === 'G' ? generatorPhase : discriminatorPhase;
    for (const losses of dueLosses(setup.losses, network, state.step)) {
      run(context, losses, `${network}${intervalOf(losses[0]!) === 1 ? 'main' : 'reg'}`);
    }
  }
  const beta = emaBeta(setup.ema, batch.images.shape[0], state.images);
  const isBuffer = (path: string): boolean => setup.generator.isBuffer(path);
  const gEma = emaUpdate(state.gEma, state.G, { beta, isBuffer });
  disposeParams(state.gEma);
  state.gEma = gEma;
  state.images += batch.images.shape[0];
  state.step++;
}
