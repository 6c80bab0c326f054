import {
  add, div, exp, log, max, mean, mul, oneHot, type Scalar, sqrt, square, sub, sum, tensor1d, tensor2d, tensor4d, type Tensor1D, type Tensor2D, type Tensor4D, matMul,
} from '@tensorflow/tfjs-core';
import type { ParamTree, Rng } from '@spatialgan/core';
import { smallDims, smallFeatures, type SmallParams } from '@spatialgan/metrics/small';
import { batchNormalized } from './batchNormalized.js';
import type { Example } from './trainingImages.js';

/** Linear readings of the features; they are thrown away after training. */
export interface Heads {
  readonly [name: string]: { readonly weight: Tensor2D; readonly bias: Tensor1D };
}

/** Everything that learns. */
export interface Learner {
  readonly [name: string]: ParamTree;
  readonly network: SmallParams;
  readonly heads: Heads;
}

/** What each head says, in numbers. */
export const headSizes = (sources: number, degradations: number): Readonly<Record<string, number>> => ({
  source: sources, placement: 3, degradation: degradations + 1, level: 1, thumbnail: 16 * 16 * 3,
});

/** About the mean of what a head is to say, where it begins. */
const middles: Readonly<Record<string, number>> = { placement: 0.5, level: 0.3, thumbnail: 1.4 };

/** Small random heads. */
export function initHeads(rng: Rng, sizes: Readonly<Record<string, number>>): Heads {
  return Object.fromEntries(Object.entries(sizes).map(([name, out]) => {
    const stream = rng.split(name);
    const weight = tensor2d(Float32Array.from({ length: smallDims * out }, () => 0.05 * stream.normal()), [smallDims, out]);
    return [name, { weight, bias: tensor1d(new Float32Array(out).fill(middles[name] ?? 0)) }];
  }));
}

/** A batch as tensors; the caller owns them. */
export interface Batch {
  readonly images: Tensor4D;
  readonly thumbnails: Tensor2D;
  readonly sources: Tensor1D;
  readonly placements: Tensor2D;
  /** 1 where the placement is known, [N,1]. */
  readonly placed: Tensor2D;
  readonly degradations: Tensor1D;
  readonly levels: Tensor2D;
}

/** Stacks examples. */
export function batchOf(examples: readonly Example[]): Batch {
  const N = examples.length;
  const flat = (arrays: readonly ArrayLike<number>[], scale = 1): Float32Array => {
    const all = new Float32Array(arrays.reduce((n, a) => n + a.length, 0));
    let at = 0;
    for (const array of arrays) for (let i = 0; i < array.length; i++) all[at++] = array[i]! * scale;
    return all;
  };
  return {
    images: tensor4d(flat(examples.map(({ pixels }) => pixels)), [N, 64, 64, 3]),
    thumbnails: tensor2d(flat(examples.map(({ thumbnail }) => thumbnail), 1 / 127.5), [N, 768]),
    sources: tensor1d(examples.map(({ source }) => source), 'int32'),
    placements: tensor2d(examples.map(({ placement }) => [...(placement ?? [0, 0, 0])])),
    placed: tensor2d(examples.map(({ placement }) => [placement ? 1 : 0])),
    degradations: tensor1d(examples.map(({ degradation }) => degradation), 'int32'),
    levels: tensor2d(examples.map(({ level }) => [level])),
  };
}

/** Mean cross entropy, and the fraction that is right is left to the caller. */
function crossEntropy(logits: Tensor2D, labels: Tensor1D): Scalar {
  const shifted = sub(logits, max(logits, 1, true));
  const normalizer = log(sum(exp(shifted), 1, true));
  const chosen = sum(mul(sub(shifted, normalizer), oneHot(labels, logits.shape[1])), 1);
  return mul(mean(chosen), -1) as Scalar;
}

const meanSquare = (x: Tensor2D): Scalar => mean(square(x)) as Scalar;

/** The parts of the loss; their weighted sum is minimized. */
export function objective({ network, heads }: Learner, batch: Batch): { readonly loss: Scalar; readonly aux: Readonly<Record<string, Scalar>> } {
  const raw = smallFeatures(network, batch.images, batchNormalized());
  const centered = sub(raw, mean(raw, 0, true));
  // Over the batch, so that what differs between images counts, however small it begins.
  const features = div(centered, sqrt(add(mean(square(centered), 0, true), 1e-6))) as Tensor2D;
  const read = (name: string): Tensor2D => add(matMul(features, heads[name]!.weight), heads[name]!.bias) as Tensor2D;
  const placementError = mul(sub(read('placement'), batch.placements), batch.placed) as Tensor2D;
  const aux = {
    source: crossEntropy(read('source'), batch.sources),
    placement: div(sum(square(placementError)), add(mul(sum(batch.placed), 3), 1e-6)) as Scalar,
    degradation: crossEntropy(read('degradation'), batch.degradations),
    level: meanSquare(sub(read('level'), batch.levels) as Tensor2D),
    thumbnail: meanSquare(sub(read('thumbnail'), batch.thumbnails) as Tensor2D),
  };
  const weights: Readonly<Record<keyof typeof aux, number>> = { source: 1, placement: 20, degradation: 2, level: 10, thumbnail: 4 };
  const loss = Object.entries(aux).reduce<Scalar | null>((all, [name, value]) => {
    const part = mul(value, weights[name as keyof typeof aux]) as Scalar;
    return all ? (add(all, part) as Scalar) : part;
  }, null)!;
  return { loss, aux };
}
