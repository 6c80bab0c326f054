import { add, dispose, mean, mul, scalar, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { type BatchPart, type Communicator, flattenParams, isTensor, type NamedTensors, type ParamTree, SpatialGANError, unflattenParams } from '@spatialgan/core';
import { type OpenedPart, type PartEvaluation, type PartEvaluator, plainEvaluator, splitOf, totalsOfPart } from './evaluatePart.js';

/** How a batch is computed: which parts of it by this process, and who computes the others. */
export interface BatchParts {
  /** Number of parts; 1: the batch at once. */
  readonly parts: number;
  readonly communicator?: Communicator | undefined;
}

/** Means over the batch; the caller owns every tensor. */
export type BatchEvaluation = Omit<PartEvaluation, 'totals'>;

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

async function sumOwnParts(batch: BatchParts, termsOf: (part: BatchPart) => Promise<Sums>): Promise<Sums> {
  let sums: Sums = new Map();
  try {
    for (const part of ownParts(batch)) sums = addTo(sums, await termsOf(part));
    return sums;
  } catch (error) {
    disposeAll(sums);
    throw error;
  }
}

/** Runs `use` on an opened part and closes it. */
async function using<T>(opened: OpenedPart, use: (opened: OpenedPart) => T | Promise<T>): Promise<T> {
  try {
    return await use(opened);
  } finally {
    opened.dispose();
  }
}

/** One part's results as one list of tensors, to be added up. */
function termsOf({ grads, states, reports, buffers }: PartEvaluation): Sums {
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

/**
 * Evaluates losses over a batch: at once, or part by part here and on other ranks, which gives the same but for the
 * rounding of sums. Gradients, reports, buffers and the losses' states are means over the parts.
 */
export async function evaluateBatch(open: (part?: BatchPart) => OpenedPart, batch: BatchParts, evaluator: PartEvaluator = plainEvaluator): Promise<BatchEvaluation> {
  const { parts, communicator } = batch;
  if (parts === 1) return using(open(), (opened) => evaluator.evaluate(opened));
  const shared = async (sums: Sums): Promise<BatchEvaluation> => {
    const all = await overRanks(sums, communicator);
    const result = resultOf(all, parts);
    disposeAll(all);
    return result;
  };
  const [only, ...more] = ownParts(batch);
  if (more.length === 0) {
    const share = (totals: Sums): Promise<Sums> => overRanks(totals, communicator);
    return shared(await using(open(only), async (opened) => termsOf(await evaluator.evaluateShared(opened, parts, share))));
  }
  const totals = await overRanks(await sumOwnParts(batch, (part) => using(open(part), totalsOfPart)), communicator);
  try {
    const split = splitOf(totals, parts);
    return await shared(await sumOwnParts(batch, (part) => using(open(part), async (opened) => termsOf(await evaluator.evaluate(opened, split)))));
  } finally {
    disposeAll(totals);
  }
}
