import { dispose } from '@tensorflow/tfjs-core';
import { type Communicator, createRng, SpatialGANError, type TrainerContext, type TrainingSnapshot } from '@spatialgan/core';
import { createAugmentation } from './augmentation.js';
import { partsOf } from './batchParts.js';
import { createDivergenceGuard } from './divergence/divergenceGuard.js';
import { createBreather } from './breather.js';
import { reachesMultiple } from './kimgClock.js';
import { createPhasePasses } from './phasePasses.js';
import { pluginHooks } from './pluginHooks.js';
import { createStatCollector } from './stats.js';
import { asTrainingData, type TrainerOptions, trainingSetup } from './trainerOptions.js';
import { type DrawInputs, drawGeneratorInputs } from './generatorInputs.js';
import { receiveBatch, sendBatch, shareSnapshot } from './ranks.js';
import { type TrainingBatch, trainStep } from './trainStep.js';
import {
  disposeTrainerState, initTrainerState, readTrainerState, restoreTrainerState, type TrainerState,
} from './trainerState.js';

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

/**
 * Creates a trainer from its parts; it owns parameters, moments and averages until `dispose()`.
 *
 * Each iteration's randomness follows from the seed and the step number alone, so a restored
 * trainer goes on exactly as if it had never stopped.
 *
 * @throws SpatialGANError 'CONFIG' when the parts do not fit.
 */
export function createTrainer(options: TrainerOptions): Trainer {
  const { kimgPerTick = 1 } = options;
  const setup = trainingSetup(options);
  const data = asTrainingData(options.data);
  const plugins = pluginHooks(options.plugins ?? []);
  const rng = createRng(options.seed);
  const stats = createStatCollector();
  const augmentation = options.augment && createAugmentation(options.augment);
  const guard = options.divergence && createDivergenceGuard(options.divergence);
  const passes = options.recordPasses === false ? undefined : createPhasePasses();
  let state: TrainerState = initTrainerState(setup, rng.split('init'));
  let disposed = false;

  const kimgNow = (): number => state.images / 1000;
  const params = (): TrainerContext['params'] => ({ G: state.G, D: state.D, gEma: state.gEma });
  const assertOpen = (where: string): void => {
    if (disposed) throw new SpatialGANError('DISPOSED', `trainer.${where}: the trainer is disposed; create a new one`);
  };

  const { communicator } = options;
  const sharing = communicator !== undefined && communicator.size > 1 ? communicator : undefined;

  const iterate = async (batch: TrainingBatch): Promise<void> => {
    const stepRng = rng.split(`step:${state.step}`);
    const draw: DrawInputs = (phase, count, part) => drawGeneratorInputs(setup, stepRng.split(phase, part), batch.labels, count);
    try {
      const parts = partsOf(batch.images.shape[0], { batchGpu: options.batchGpu, size: sharing?.size }, setup.discriminator);
      const context = { setup, state, batch, rng: stepRng, draw, stats, observer: {}, augmentation, evaluator: passes, split: { parts, communicator: sharing } };
      await (guard ? guard.step(context) : trainStep(context));
      await augmentation?.update(state.step, batch.images.shape[0]);
      if (augmentation) stats.report('Progress/augment', augmentation.p);
    } finally {
      dispose([batch.images, ...(batch.labels ? [batch.labels] : [])]);
    }
  };

  const save = async (): Promise<TrainingSnapshot> => {
    assertOpen('save');
    const { groups, state: counters } = await readTrainerState(state, data.cursor);
    const augment = augmentation && { augment: await augmentation.save() };
    const kept = await plugins.save();
    return {
      groups: { ...groups, ...kept.groups },
      state: { ...counters, stats: await stats.save(), ...augment, ...(Object.keys(kept.facts).length > 0 ? { plugins: kept.facts } : {}) },
    };
  };

  const takeOver = (snapshot: TrainingSnapshot): void => {
    state = restoreTrainerState(state, snapshot);
    stats.restore(snapshot.state.stats ?? {});
    if (snapshot.state.augment) augmentation?.restore(snapshot.state.augment);
    guard?.reset();
  };

  /** What a rank above 0 does: the steps that rank 0 asks for, from where it stands. */
  const follow = async (ranks: Communicator): Promise<RunOutcome> => {
    takeOver(await shareSnapshot(ranks, await save()));
    for (;;) {
      const batch = await receiveBatch(ranks);
      if (!batch) return { reason: 'finished', kimg: kimgNow() };
      await iterate(batch);
    }
  };

  const run: Trainer['run'] = async (goal) => {
    assertOpen('run');
    if (sharing && sharing.rank > 0) return follow(sharing);
    if (!sharing) return lead(goal);
    await shareSnapshot(sharing, await save());
    try {
      const outcome = await lead(goal);
      await sendBatch(sharing, null);
      return outcome;
    } catch (error) {
      sharing.fail?.('rank 0 has ended with an error');
      throw error;
    }
  };

  const lead: Trainer['run'] = async ({ kimg, signal }) => {
    let reason: string | undefined;
    let means: Readonly<Record<string, number>> = {};
    const context = (): TrainerContext => ({
      step: state.step, kimg: kimgNow(), totalKimg: kimg, params: params(), stats: means, save,
      stop: (why) => (reason ??= why),
    });
    const advance = async (): Promise<void> => {
      const from = kimgNow();
      const batch = await data.next();
      if (sharing) await sendBatch(sharing, batch);
      await iterate(batch);
      // The tick comes first: what onStep saves then begins the next one.
      if (reachesMultiple(kimgPerTick, { from, to: kimgNow() })) {
        means = await stats.read();
        await plugins.call((plugin) => plugin.onTick?.(context()));
      }
      await plugins.call((plugin) => plugin.onStep?.(context()));
    };
    const breathe = createBreather();
    try {
      await plugins.call((plugin) => plugin.onStart?.(context()));
      while (reason === undefined) {
        if (state.images >= kimg * 1000) reason = 'finished';
        else if (signal?.aborted) reason = 'aborted';
        else await advance().then(breathe);
      }
    } catch (error) {
      // What went wrong first is what the caller has to know.
      await plugins.call((plugin) => plugin.onEnd?.(context(), { reason: 'error', error })).catch(() => {});
      throw error;
    }
    const ended = reason;
    await plugins.call((plugin) => plugin.onEnd?.(context(), { reason: ended }));
    return { reason: ended, kimg: kimgNow() };
  };

  return {
    get step() {
      return state.step;
    },
    get kimg() {
      return kimgNow();
    },
    get params() {
      return params();
    },
    run,
    save,
    restore(snapshot) {
      assertOpen('restore');
      takeOver(snapshot);
      plugins.restore(snapshot);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      disposeTrainerState(state);
      stats.dispose();
      augmentation?.dispose();
      guard?.dispose();
      passes?.dispose();
    },
  };
}
