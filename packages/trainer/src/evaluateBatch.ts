import { add, dispose, mean, mul, scalar, type Tensor, tensor } from '@tensorflow/tfjs-core';
import {
  type BatchPart, type Communicator, disposeParams, flattenParams, isTensor, type NamedTensors, type ParamTree, SpatialGANError, type SplitBatch, unflattenParams, valueAndGrad,
} from '@spatialgan/core';
import { evaluateLosses, type Evaluation, type LossEvaluation, runAs } from './evaluateLosses.js';

/** How a batch is computed: which parts of it by this process, and who computes the others. */
export interface BatchParts {
  /** Number of parts; 1: the batch at once. */
  readonly parts: number;
  readonly communicator?: Communicator | undefined;
}

/** A batch, or a part of it, ready to be evaluated; it owns its inputs. */
export interface OpenedPart {
  readonly evaluation: Omit<Evaluation, 'split'>;
  /** G's buffers after this pass, by path; fresh tensors. Called after the evaluation, with what it kept. */
  buffers(kept: LossEvaluation['kept']): NamedTensors;
  dispose(): void;
}

/** Means over the batch; the caller owns every tensor. */
export interface BatchEvaluation extends Omit<LossEvaluation, 'kept'> {
  readonly buffers: NamedTensors;
}

type Sums = Map<string, Tensor>;

function addTo(sums: Sums, terms: Sums): Sums {
  if (sums.size === 0) return terms;
  const names = [...terms.keys()].filter((name) => !sums.has(name));
  if (names.length > 0 || terms.size !== sums.size) {
    disposeAll(terms);
    throw new SpatialGANError('CONFIG', `trainer: expected a loss to report the same for each part of a batch, got ${names[0] ?? 'less'} for one only; report at every call`);
  }
  for (const [name, term] of terms) {
    const sum = sums.get(name)!;
    sums.set(name, add(sum, term));
    dispose([sum, term]);
  }
  return sums;
}

const disposeAll = (tensors: NamedTensors): void => dispose([...tensors.values()]);

/** Replaces the tensors by their sums over all ranks; disposes what it is given. */
async function overRanks(sums: Sums, communicator: Communicator | undefined): Promise<Sums> {
  if (!communicator || communicator.size === 1 || sums.size === 0) return sums;
  const tensors = [...sums.values()];
  try {
    const values = new Float32Array(tensors.reduce((n, { size }) => n + size, 0));
    let at = 0;
    for (const data of await Promise.all(tensors.map((each) => each.data<'float32'>()))) {
      values.set(data, at);
      at += data.length;
    }
    await communicator.allReduce(values);
    at = 0;
    return new Map([...sums].map(([name, { shape, size }]) => [name, tensor(values.subarray(at, (at += size)), shape)] as const));
  } finally {
    dispose(tensors);
  }
}

/** This rank's parts, in order. */
function ownParts({ parts, communicator }: BatchParts): readonly BatchPart[] {
  const { rank, size } = communicator ?? { rank: 0, size: 1 };
  const each = parts / size;
  return Array.from({ length: each }, (_, i) => ({ index: rank * each + i, parts }));
}

async function sumOverParts(batch: BatchParts, termsOf: (part: BatchPart) => Sums): Promise<Sums> {
  let sums: Sums = new Map();
  try {
    for (const part of ownParts(batch)) sums = addTo(sums, termsOf(part));
  } catch (error) {
    disposeAll(sums);
    throw error;
  }
  return overRanks(sums, batch.communicator);
}

/** One part's totals, by loss and name. */
function totalsOfPart({ evaluation }: OpenedPart): Sums {
  const { losses, states, kimg } = evaluation;
  if (!losses.some((loss) => loss.totals)) return new Map();
  const nothing = scalar(0);
  // On a tape, as in `compute`: a loss may differentiate within its pass. Nothing leads from `nothing` to the loss, so no backward pass runs.
  const forward = () => {
    const { phase } = evaluation.open();
    const aux: Record<string, Tensor> = {};
    for (const loss of losses) {
      const context = { state: states.get(loss.name), kimg, report: () => {} };
      const totals = runAs(loss, () => loss.totals?.(phase as never, context as never) ?? {});
      for (const [name, value] of Object.entries(totals)) aux[`${loss.name}\n${name}`] = value;
    }
    return { loss: scalar(0), aux };
  };
  const { loss, grads, aux } = valueAndGrad(forward, { nothing });
  dispose([nothing, loss, ...grads.values()]);
  return new Map(Object.entries(aux));
}

/** Runs `use` on an opened part and closes it. */
function using<T>(opened: OpenedPart, use: (opened: OpenedPart) => T): T {
  try {
    return use(opened);
  } finally {
    opened.dispose();
  }
}

const splitOf = (totals: NamedTensors, parts: number): Evaluation['split'] => {
  const byLoss = new Map<string, Record<string, Tensor>>();
  for (const [key, value] of totals) {
    const [loss, name] = key.split('\n') as [string, string];
    byLoss.set(loss, { ...byLoss.get(loss), [name]: value });
  }
  return { parts, totals: byLoss as ReadonlyMap<string, SplitBatch['totals']> };
};

/** One part's results as one list of tensors, to be added up. */
function termsOf(opened: OpenedPart, split: Evaluation['split']): Sums {
  const { grads, states, reports, kept } = evaluateLosses({ ...opened.evaluation, split });
  const buffers = opened.buffers(kept);
  dispose(Object.values(kept));
  const reported = reports.map(([name, value], i) => {
    const whole = isTensor(value) ? mean(value) : scalar(value);
    if (isTensor(value)) value.dispose();
    return [`report\n${i}\n${name}`, whole] as const;
  });
  return new Map<string, Tensor>([
    ...[...grads].map(([path, value]) => [`grad\n${path}`, value] as const),
    ...[...buffers].map(([path, value]) => [`buffer\n${path}`, value] as const),
    ...[...states].flatMap(([loss, tree]) => [...flattenParams(tree)].map(([path, value]) => [`state\n${loss}\n${path}`, value] as const)),
    ...reported,
  ]);
}

function resultOf(sums: Sums, parts: number): BatchEvaluation {
  const [grads, buffers] = [new Map<string, Tensor>(), new Map<string, Tensor>()];
  const states = new Map<string, Map<string, Tensor>>();
  const reports: [string, Tensor][] = [];
  for (const [key, sum] of sums) {
    const [kind, first, second] = key.split('\n') as [string, string, string];
    const value = mul(sum, 1 / parts);
    if (kind === 'grad') grads.set(first, value);
    else if (kind === 'buffer') buffers.set(first, value);
    else if (kind === 'report') reports.push([second, value]);
    else states.set(first, (states.get(first) ?? new Map<string, Tensor>()).set(second, value));
  }
  return { grads, buffers, reports, states: new Map([...states].map(([name, leaves]) => [name, unflattenParams(leaves) as ParamTree])) };
}

function evaluateAtOnce(opened: OpenedPart): BatchEvaluation {
  const { kept, ...evaluation } = evaluateLosses(opened.evaluation);
  const buffers = opened.buffers(kept);
  disposeParams(kept);
  return { ...evaluation, buffers };
}

/**
 * Evaluates losses over a batch: at once, or part by part here and on other ranks, which gives the same but for the
 * rounding of sums. Gradients, reports, buffers and the losses' states are means over the parts.
 */
export async function evaluateBatch(open: (part?: BatchPart) => OpenedPart, batch: BatchParts): Promise<BatchEvaluation> {
  const { parts } = batch;
  if (parts === 1) return using(open(), evaluateAtOnce);
  const totals = await sumOverParts(batch, (part) => using(open(part), totalsOfPart));
  try {
    const split = splitOf(totals, parts);
    const sums = await sumOverParts(batch, (part) => using(open(part), (opened) => termsOf(opened, split)));
    const result = resultOf(sums, parts);
    disposeAll(sums);
    return result;
  } finally {
    disposeAll(totals);
  }
}
