import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { NamedMaps, TappedScore } from './tap.js';

/**
 * Turns a score into spatial attention in two halves, so that a loss can hold the weights
 * constant and share its own forward pass: A = attend(weigh(score, x), features of x).
 */
export interface AttentionExtractor {
  readonly name: string;
  /** Tap names. */
  readonly targets: readonly string[];
  /** Importance per target, [N,1,1,C] (GradCAM) or [N,h,w,C] (HiResCAM). */
  weigh(score: TappedScore, images: Tensor4D): NamedMaps;
  /** weights, features [N,h,w,C] → maps [N,h,w,1], values ≥ 0. */
  attend(weights: NamedMaps, features: NamedMaps): NamedMaps;
}

/** attention [N,h,w,1], heatmap [N,s,s,K] → distance per sample, [N]; the batch loss is their mean. */
export interface AlignmentLoss {
  readonly name: string;
  distance(attention: Tensor4D, heatmap: Tensor4D): Tensor1D;
}
