import { addN, mean, mul, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import {
  type DiscriminatorPhase, flattenParams, type GeneratorPhase, isSpatialGANError, type LossPlugin,
  mapParams, type NamedTensors, type ParamTree, SpatialGANError, type SplitBatch, valueAndGrad,
} from '@spatialgan/core';

/** States of the loss plugins, by plugin name. */
export type LossStates = ReadonlyMap<string, unknown>;

/** One evaluation of some losses of one network, with its gradient. */
export interface LossEvaluation {
  readonly grads: NamedTensors;
  /** New states of the plugins that changed theirs. */
  readonly states: ReadonlyMap<string, ParamTree>;
  /** Values to report, by name. */
  readonly reports: readonly (readonly [name: string, value: Tensor | number])[];
  /** Tensors the forward pass asked to keep, by name. */
  readonly kept: Readonly<Record<string, Tensor>>;
  /** By loss and name, where they were asked for. */
  readonly totals: NamedTensors;
}

/** Names one of a loss' totals. */
export const totalKey = (loss: string, name: string): string => `${loss}\n${name}`;

/** What {@link evaluateLosses} is given. */
export interface Evaluation {
  readonly losses: readonly LossPlugin[];
  /** Builds the phase on the tape and tells afterwards what to keep of it. */
  readonly open: () => {
    readonly phase: GeneratorPhase | DiscriminatorPhase;
    keep?(): Readonly<Record<string, Tensor | undefined>>;
  };
  readonly params: ParamTree;
  readonly trainable: (path: string) => boolean;
  readonly states: LossStates;
  readonly kimg: number;
  /** Factor on the whole loss: the interval of lazy regularization. */
  readonly gain: number;
  /** Set while the batch is computed in parts; `totals` by loss. */
  readonly split?: { readonly parts: number; readonly totals: ReadonlyMap<string, SplitBatch['totals']> } | undefined;
  /** In place of numbers: each loss' weight times gain, a scalar. */
  readonly weights?: ReadonlyMap<string, Tensor> | undefined;
  /** Also gives the losses' totals over this part. Default false. */
  readonly withTotals?: boolean | undefined;
  /** Set while the pass is recorded: told of whatever a loss reads that is no tensor and may change from step to step. */
  readonly refuse?: Refuse | undefined;
}

/** Takes the reason why a pass cannot be recorded. */
export type Refuse = (why: string) => void;

/** The factor on a loss at a time. */
export const weightAt = (loss: LossPlugin, kimg: number): number =>
  typeof loss.weight === 'function' ? loss.weight(kimg) : loss.weight;

/** What a loss is told beside the phase; who reads the time is told of to `refuse`. */
function timed<T extends object>(context: T, { kimg, refuse }: Pick<Evaluation, 'kimg' | 'refuse'>, loss: LossPlugin): T & { readonly kimg: number } {
  if (!refuse) return { ...context, kimg };
  const get = (): number => {
    refuse(`${loss.name} reads kimg`);
    return kimg;
  };
  return Object.defineProperty({ ...context, kimg }, 'kimg', { get, enumerable: true });
}

/** The losses' totals over the part that a phase stands for, by {@link totalKey}. */
export function totalsOfLosses({ losses, states, ...rest }: Pick<Evaluation, 'losses' | 'states' | 'kimg' | 'refuse'>, phase: GeneratorPhase | DiscriminatorPhase): Record<string, Tensor> {
  const totals: Record<string, Tensor> = {};
  for (const loss of losses) {
    const context = timed({ state: states.get(loss.name), report: () => {} }, rest, loss);
    const own = runAs(loss, () => loss.totals?.(phase as never, context as never) ?? {});
    for (const [name, value] of Object.entries(own)) totals[totalKey(loss.name, name)] = value;
  }
  return totals;
}

/** Runs a loss' code; its errors carry its name. */
export function runAs<T>(loss: LossPlugin, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isSpatialGANError(error) || error.plugin) throw error;
    throw new SpatialGANError(error.code, error.message, { cause: error.cause, plugin: loss.name });
  }
}

/** Evaluates losses under one tape. The caller owns every tensor of the result. */
export function evaluateLosses(evaluation: Evaluation): LossEvaluation {
  const { losses, states, kimg, gain, split, weights } = evaluation;
  const numbers: (readonly [string, number])[] = [];
  const stateTrees = new Map<string, ParamTree>();
  const reported = new Map<string, string>(); // aux key → name
  const forward = (): { loss: Scalar; aux: Record<string, Tensor> } => {
    const aux: Record<string, Tensor> = {};
    const { phase, keep } = evaluation.open();
    const report = (name: string, value: Tensor | number): void => {
      if (typeof value === 'number') numbers.push([name, value]);
      else {
        const key = `report:${reported.size}`;
        reported.set(key, name);
        aux[key] = value;
      }
    };
    if (evaluation.withTotals) {
      for (const [key, value] of Object.entries(totalsOfLosses(evaluation, phase))) aux[`total:${key}`] = value;
    }
    const terms = losses.map((loss) => {
      const ofBatch = split && { split: { parts: split.parts, totals: split.totals.get(loss.name) ?? {} } };
      const context = timed({ state: states.get(loss.name), report, ...ofBatch }, evaluation, loss);
      const result = runAs(loss, () => loss.compute(phase as never, context as never));
      if (result.state !== undefined) {
        stateTrees.set(loss.name, result.state as ParamTree);
        for (const [path, leaf] of flattenParams(result.state as ParamTree)) aux[`state:${loss.name}:${path}`] = leaf;
      }
      return mul(mean(result.loss), weights?.get(loss.name) ?? weightAt(loss, kimg) * gain);
    });
    for (const [name, value] of Object.entries(keep?.() ?? {})) if (value) aux[`keep:${name}`] = value;
    return { loss: (terms.length === 1 ? terms[0]! : addN(terms)) as Scalar, aux };
  };
  const { loss, grads, aux } = valueAndGrad(forward, evaluation.params, evaluation.trainable);
  loss.dispose();
  return { grads, ...sortAux(aux, numbers, stateTrees, reported) };
}

function sortAux(
  aux: Readonly<Record<string, Tensor>>,
  numbers: readonly (readonly [string, number])[],
  stateTrees: ReadonlyMap<string, ParamTree>,
  reported: ReadonlyMap<string, string>,
): Omit<LossEvaluation, 'grads'> {
  const under = (prefix: string): (readonly [string, Tensor])[] =>
    Object.entries(aux).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : []));
  const states = new Map(
    [...stateTrees].map(([name, tree]) => [name, mapParams(tree, (_leaf, path) => aux[`state:${name}:${path}`]!)] as const),
  );
  const tensors = [...reported].map(([key, name]) => [name, aux[key]!] as const);
  return { kept: Object.fromEntries(under('keep:')), totals: new Map(under('total:')), states, reports: [...numbers, ...tensors] };
}
