import { SpatialGANError } from '@spatialgan/core';
import { assertFeatures, type FeatureMatrix } from './featureMatrix.js';
import { type Interval, normalInterval } from './metricResult.js';

export interface InceptionScore {
  /** Mean over the splits, at least 1, at most the number of classes. */
  readonly mean: number;
  /** Standard deviation over the splits (divided by their number, as the official code does). */
  readonly std: number;
  /** 95 %, from the splits; null when there is one. */
  readonly interval: Interval | null;
}

/** exp of the mean KL divergence of rows [begin, end) from their average. */
function splitScore({ dims, values }: FeatureMatrix, begin: number, end: number): number {
  const marginal = new Float64Array(dims);
  for (let i = begin; i < end; i++) for (let k = 0; k < dims; k++) marginal[k]! += values[i * dims + k]! / (end - begin);
  let divergence = 0;
  for (let i = begin; i < end; i++) {
    for (let k = 0; k < dims; k++) {
      const p = values[i * dims + k]!;
      if (p > 0) divergence += p * (Math.log(p) - Math.log(marginal[k]!));
    }
  }
  return Math.exp(divergence / (end - begin));
}

/**
 * Inception score (Salimans et al. 2016) of class probabilities; a probability of 0 contributes 0.
 *
 * @param probabilities one row an image, each adding up to 1.
 * @throws SpatialGANError 'DATA' for fewer images than splits.
 */
export function inceptionScore(probabilities: FeatureMatrix, { numSplits = 10 }: { readonly numSplits?: number } = {}): InceptionScore {
  if (!Number.isInteger(numSplits) || numSplits < 1) {
    throw new SpatialGANError('CONFIG', `inceptionScore: expected a positive number of splits, got ${numSplits}`);
  }
  assertFeatures('inceptionScore', probabilities, numSplits);
  const edge = (split: number): number => Math.floor((split * probabilities.rows) / numSplits);
  const scores = Array.from({ length: numSplits }, (_, s) => splitScore(probabilities, edge(s), edge(s + 1)));
  const mean = scores.reduce((sum, score) => sum + score, 0) / numSplits;
  const std = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / numSplits);
  return { mean, std, interval: numSplits > 1 ? normalInterval(mean, std / Math.sqrt(numSplits - 1)) : null };
}
