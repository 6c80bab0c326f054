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
}

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
}

const weightAt = (loss: LossPlugin, kimg: number): number =>
  typeof loss.weight === 'function' ? loss.weight(kimg) : loss.weight;

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
  const { losses, states, kimg, gain, split } = evaluation;
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
    const terms = losses.map((loss) => {
      const ofBatch = split && { split: { parts: split.parts, totals: split.totals.get(loss.name) ?? {} } };
      const context = { state: states.get(loss.name), kimg, report, ...ofBatch };
      const result = runAs(loss, () => loss.compute(phase as never, context as never));
      if (result.state !== undefined) {
        stateTrees.set(loss.name, result.state as ParamTree);
        for (const [path, leaf] of flattenParams(result.state as ParamTree)) aux[`state:${loss.name}:${path}`] = leaf;
      }
      return mul(mean(result.loss), weightAt(loss, kimg) * gain);
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
  const kept = Object.fromEntries(
    Object.entries(aux).flatMap(([key, value]) => (key.startsWith('keep:') ? [[key.slice(5), value] as const] : [])),
  );
  const states = new Map(
    [...stateTrees].map(([name, tree]) => [name, mapParams(tree, (_leaf, path) => aux[`state:${name}:${path}`]!)] as const),
  );
  const tensors = [...reported].map(([key, name]) => [name, aux[key]!] as const);
  return { kept, states, reports: [...numbers, ...tensors] };
}
