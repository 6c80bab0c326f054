import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { NamedMaps, TappedScore } from './tap.js';

/** A forward pass that stands on the current gradient tape: its scores and the very features they came from. */
export interface RecordedPass {
  readonly scores: Tensor;
  readonly features: NamedMaps;
}

/**
 * Turns a score into spatial attention in two halves, so that a loss can hold the weights
 * constant and share its own forward pass: A = attend(weigh(score, x), features of x).
 */
export interface AttentionExtractor {
  readonly name: string;
  /** Tap names. */
  readonly targets: readonly string[];
  /** Importance per target, [N,1,1,C] (GradCAM) or [N,h,w,C] (HiResCAM); constants. */
  weigh(score: TappedScore, images: Tensor4D): NamedMaps;
  /**
   * The same weights from a pass that was already made under the current tape, where one backward pass is all that
   * is needed; absent where the method must run the score itself.
   */
  weighPass?(pass: RecordedPass): NamedMaps;
  /** weights, features [N,h,w,C] → maps [N,h,w,1], values ≥ 0. */
  attend(weights: NamedMaps, features: NamedMaps): NamedMaps;
}

/** attention [N,h,w,1], heatmap [N,s,s,K] → how far apart they are. */
export interface AlignmentLoss {
  readonly name: string;
  /** Distance per sample, [N]; the batch loss is their mean. */
  distance(attention: Tensor4D, heatmap: Tensor4D): Tensor1D;
  /** The batch loss where it is not that mean (the reference code averages over the kept entries of all samples). */
  batchDistance?(attention: Tensor4D, heatmap: Tensor4D, whole?: WholeBatch): Scalar;
  /** Number of entries that `batchDistance` keeps of these samples; needed where a batch is computed in parts. */
  keptEntries?(attention: Tensor4D, heatmap: Tensor4D): Scalar;
}

/** What the distance of a part of a batch needs to know of all of it. */
export interface WholeBatch {
  /** Number of parts, of equal size; the batch distance is the mean of theirs. */
  readonly parts: number;
  /** Sum of `keptEntries` over all parts. */
  readonly kept: Scalar;
}
