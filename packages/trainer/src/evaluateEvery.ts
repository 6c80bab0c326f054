import { type Awaitable, SpatialGANError, type TrainerContext, type TrainerPlugin, type TrainingSnapshot } from '@spatialgan/core';
import { reachesMultiple } from './kimgClock.js';

/** The values of one evaluation. */
export interface Evaluation {
  readonly step: number;
  readonly kimg: number;
  /** By the metric's name. */
  readonly values: Readonly<Record<string, number>>;
}

/** The best value so far and where it was reached. */
export interface BestEvaluation {
  readonly metric: string;
  readonly value: number;
  readonly step: number;
  readonly kimg: number;
}

/** What is evaluated when, and what becomes of it. */
export interface EvaluateEveryOptions {
  /** Thousands of images between evaluations; they lie at its multiples, whether the run is stopped in between or not. */
  readonly kimg: number;
  /** Any function of the training, by name, e.g. the FID of `params.gEma`. Borrows what it is given. */
  readonly metrics: Readonly<Record<string, (context: TrainerContext) => Awaitable<number>>>;
  /** Which of them says what is best, and which way. Default: the first one, lower. */
  readonly best?: { readonly metric: string; readonly better: 'lower' | 'higher' };
  /** Hears of each evaluation, e.g. to write a line. */
  readonly write?: (evaluation: Evaluation) => Awaitable<void>;
  /** Keeps the state that is the best so far; `saveRunCheckpoint` of @spatialgan/checkpoint/node takes `best`. */
  readonly saveBest?: (snapshot: TrainingSnapshot, best: BestEvaluation) => Promise<void>;
}

/** A plugin that knows what was best. */
export interface Evaluator extends TrainerPlugin {
  readonly best: BestEvaluation | undefined;
}

/**
 * Evaluates any metrics in regular steps and remembers the best. Its memory is part of the checkpoint.
 *
 * @throws SpatialGANError 'CONFIG' without metrics, or when `best` names none of them.
 */
export function evaluateEvery({ kimg: every, metrics, best: choice, write, saveBest }: EvaluateEveryOptions): Evaluator {
  const names = Object.keys(metrics);
  const { metric, better } = choice ?? { metric: names[0] ?? '', better: 'lower' };
  if (!names.includes(metric)) {
    throw new SpatialGANError('CONFIG', `evaluateEvery: expected best.metric to be one of ${names.join(', ') || 'at least one metric'}, got '${metric}'`);
  }
  let best: BestEvaluation | undefined;
  let evaluatedAt = -1;
  const isBetter = (value: number): boolean => Number.isFinite(value) && (!best || (better === 'lower' ? value < best.value : value > best.value));
  const evaluate = async (context: TrainerContext): Promise<void> => {
    const { step, kimg } = context;
    evaluatedAt = kimg;
    const values: Record<string, number> = {};
    for (const name of names) values[name] = await metrics[name]!(context);
    await write?.({ step, kimg, values });
    const value = values[metric]!;
    if (!isBetter(value)) return;
    best = { metric, value, step, kimg };
    await saveBest?.(await context.save(), best);
  };
  return {
    name: 'evaluateEvery',
    get best() {
      return best;
    },
    onStart({ kimg }) {
      if (evaluatedAt < 0) evaluatedAt = kimg;
    },
    async onStep(context) {
      if (reachesMultiple(every, { from: evaluatedAt, to: context.kimg })) await evaluate(context);
    },
    saveFacts: () => ({ best: best ?? null, evaluatedAt }),
    loadFacts(facts) {
      const saved = facts as { readonly best: BestEvaluation | null; readonly evaluatedAt: number };
      // Of another metric nothing is known yet.
      best = saved.best?.metric === metric ? saved.best : undefined;
      evaluatedAt = saved.evaluatedAt;
    },
  };
}
