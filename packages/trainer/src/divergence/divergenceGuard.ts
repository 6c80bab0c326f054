import type { DataId, Tensor } from '@tensorflow/tfjs-core';
import { flattenParams, SpatialGANError } from '@spatialgan/core';
import { cloneTrainerState, disposeTrainerState, type TrainerState } from '../trainerState.js';
import { type StepContext, trainStep } from '../trainStep.js';
import { firstOfRanks } from './firstOfRanks.js';
import { createGradientFlags, type NonFiniteValue } from './gradientFlags.js';
import { stageStats } from './stagedStats.js';
import { traceNonFinite } from './traceNonFinite.js';

/** What happens when a step's losses or gradients are not finite. */
export interface DivergenceOptions {
  /**
   * `stop`: the run ends with an error. `skip`: the step is undone; its images and its randomness are spent. `rollback`: networks,
   * moments and averages go back to where they were `steps` steps before; the data and the randomness go on, since the same ones
   * would lead to the same end.
   */
  readonly policy: 'stop' | 'skip' | 'rollback';
  /** How far `rollback` goes back at least. Two more copies of the state are held. Default 100. */
  readonly steps?: number;
  /** Broken steps in a row after which the run ends all the same. Default 20. */
  readonly limit?: number;
  /** Hears of each broken step. */
  readonly onDivergence?: (event: DivergenceEvent) => void;
}

/** A step that was not finite. */
export interface DivergenceEvent {
  /** Iterations done before it. */
  readonly step: number;
  readonly kimg: number;
  /** 'Gmain', 'Greg', 'Dmain' or 'Dreg'; 'before' when a parameter or an image was broken already. */
  readonly phase: string;
  /** The first tensor that was not finite, e.g. 'parameter G.synthesis.b8.conv1.weight' or 'forward Conv2D at D.b16.conv0.weight'. */
  readonly tensor: string;
  readonly action: 'stop' | 'skip' | 'rollback';
  /** Where `rollback` went. */
  readonly backTo?: number;
}

/**
 * Runs steps and undoes those that are not finite.
 *
 * Ranks that share a batch see the same sums, so all of them do the same; each names what any of them found first.
 */
export interface DivergenceGuard {
  /** In place of `trainStep`. @throws SpatialGANError 'DIVERGED' by the policy or past the limit; the state is then that before the step. */
  step(context: StepContext): Promise<void>;
  /** Forgets where it could roll back to, e.g. after a restore. */
  reset(): void;
  dispose(): void;
}

const networksOf = ({ G, D }: TrainerState): [path: string, leaf: Tensor][] =>
  (['G', 'D'] as const).flatMap((name) => [...flattenParams({ G, D }[name])].map(([path, leaf]): [string, Tensor] => [`${name}.${path}`, leaf]));

async function firstBroken(leaves: Iterable<readonly [string, Tensor]>): Promise<string | undefined> {
  for (const [name, leaf] of leaves) if (!(await leaf.data()).every(Number.isFinite)) return name;
  return undefined;
}

/** The first thing of a broken step that was not finite; `before` is the state that it began with. */
async function locate(context: StepContext, before: TrainerState, seen: NonFiniteValue): Promise<{ phase: string; tensor: string }> {
  const parameters = networksOf(before);
  const broken = await firstBroken(parameters);
  if (broken !== undefined) return { phase: 'before', tensor: `parameter ${broken}` };
  const { images, labels } = context.batch;
  const input = await firstBroken([['images', images], ...(labels ? [['labels', labels] as const] : [])]);
  if (input !== undefined) return { phase: 'before', tensor: `the batch's ${input}` };
  const state = cloneTrainerState(before);
  const stats = stageStats(context.stats);
  const { augmentation: _, evaluator: __, ...rest } = context;
  try {
    const own = await traceNonFinite(
      (phaseEnds) => trainStep({ ...rest, augmentation: context.augmentation?.rehearsal(), state, stats, observer: { onGradients: (phase) => phaseEnds(phase) } }),
      new Map(parameters.map(([path, { dataId }]) => [dataId as DataId, path])),
    );
    const found = await firstOfRanks(own, context.split?.communicator);
    if (!found) return { phase: seen.phase, tensor: seen.name };
    const { phase, pass, kernel, parameter } = found;
    return { phase, tensor: `${pass} ${kernel}${parameter === undefined ? '' : ` at ${parameter}`}` };
  } finally {
    stats.settle(false);
    disposeTrainerState(state);
  }
}

/** Puts a state's networks, moments and averages in place; takes them over. */
function replaceState(state: TrainerState, next: TrainerState): void {
  const { step, images } = state;
  disposeTrainerState(state);
  Object.assign(state, next, { step, images });
}

/** Copies of the state on the way, so that there is one at least `steps` old; none costs more than what changed since. */
function createHistory(steps: number): { offer(state: TrainerState): void; take(state: TrainerState): TrainerState; clear(): void } {
  let kept: TrainerState[] = [];
  const clear = (): void => {
    kept.forEach(disposeTrainerState);
    kept = [];
  };
  return {
    offer(state) {
      if (kept.length > 0 && state.step - kept.at(-1)!.step < steps) return;
      kept.push(cloneTrainerState(state));
      if (kept.length > 2) disposeTrainerState(kept.shift()!);
    },
    take(state) {
      // The oldest one if the newest is too near.
      const far = [...kept].reverse().find(({ step }) => state.step - step >= steps) ?? kept[0];
      const found = cloneTrainerState(far ?? state);
      clear();
      return found;
    },
    clear,
  };
}

/** @throws SpatialGANError 'CONFIG' on counts below 1 or an unknown policy. */
export function createDivergenceGuard({ policy, steps = 100, limit = 20, onDivergence }: DivergenceOptions): DivergenceGuard {
  if (!['stop', 'skip', 'rollback'].includes(policy) || ![steps, limit].every((count) => Number.isInteger(count) && count >= 1)) {
    throw new SpatialGANError('CONFIG', `divergence: expected policy stop, skip or rollback, whole steps ≥ 1 and limit ≥ 1, got ${policy}, ${steps}, ${limit}`);
  }
  const history = createHistory(steps);
  let inARow = 0;

  const undo = async (context: StepContext, before: TrainerState, seen: NonFiniteValue): Promise<void> => {
    const { state } = context;
    const found = await locate(context, before, seen).catch((error: unknown) => {
      disposeTrainerState(before);
      throw error;
    });
    const { step, images } = before;
    const target = policy === 'rollback' ? history.take(before) : before;
    if (target !== before) disposeTrainerState(before);
    replaceState(state, target);
    inARow++;
    const action = inARow > limit ? 'stop' : policy;
    if (action === 'stop') Object.assign(state, { step, images });
    const event: DivergenceEvent = { step, kimg: images / 1000, ...found, action, ...(action === 'rollback' ? { backTo: target.step } : {}) };
    onDivergence?.(event);
    if (action !== 'stop') return;
    throw new SpatialGANError('DIVERGED', `${describeDivergence(event)}; ${inARow > limit ? `that is the case for ${inARow} steps in a row: ` : ''}` +
      'lower the learning rate or raise gamma of R1, or look at the data');
  };

  return {
    async step(context) {
      if (policy === 'rollback') history.offer(context.state);
      const before = cloneTrainerState(context.state);
      const stats = stageStats(context.stats);
      const flags = createGradientFlags();
      try {
        await trainStep({
          ...context, stats,
          observer: {
            ...context.observer,
            onGradients(phase, evaluation) {
              context.observer.onGradients?.(phase, evaluation);
              flags.note(phase, evaluation);
            },
          },
        });
        const seen = await flags.first();
        stats.settle(!seen);
        if (!seen) {
          inARow = 0;
          disposeTrainerState(before);
          return;
        }
        context.augmentation?.forget();
        await undo(context, before, seen);
      } finally {
        flags.dispose();
      }
    },
    reset() {
      history.clear();
      inARow = 0;
    },
    dispose: history.clear,
  };
}

/** One line for a person. */
export function describeDivergence({ step, kimg, phase, tensor, action, backTo }: DivergenceEvent): string {
  const done = { stop: 'the run ends', skip: 'the step was undone', rollback: `back to the networks of step ${backTo ?? step}` }[action];
  return `step ${step} (kimg ${kimg.toFixed(3)}), ${phase}: ${tensor} is the first that is not finite; ${done}`;
}
