import { SpatialGANError } from '@spatialgan/core';
import { assertFeatures, assertSameDims, type FeatureMatrix } from './featureMatrix.js';
import { type Interval } from './metricResult.js';
import { finish, type Steps } from './steps.js';

export interface PrecisionRecallOptions {
  /** k of the k-nearest-neighbour radius; default 3. */
  readonly neighbors?: number;
}

export interface PrecisionRecall {
  /** Fraction of generated images inside the real manifold. */
  readonly precision: number;
  /** Fraction of real images inside the generated manifold. */
  readonly recall: number;
  /** 95 % Wilson intervals, the manifolds held fixed. */
  readonly precisionInterval: Interval;
  readonly recallInterval: Interval;
}

function squaredDistance(a: FeatureMatrix, i: number, { of, j }: { of: FeatureMatrix; j: number }): number {
  const { dims, values } = a;
  const other = of.values;
  let sum = 0;
  for (let k = 0, p = i * dims, q = j * dims; k < dims; k++, p++, q++) sum += (values[p]! - other[q]!) ** 2;
  return sum;
}

/** Keeps the smallest values in ascending order. */
function insertSmallest(smallest: Float64Array, value: number): void {
  let at = smallest.length - 1;
  if (value >= smallest[at]!) return;
  for (; at > 0 && smallest[at - 1]! > value; at--) smallest[at] = smallest[at - 1]!;
  smallest[at] = value;
}

/** Squared radius of each row's neighbourhood: to the k-th neighbour among the others. */
function* squaredRadii(features: FeatureMatrix, neighbors: number): Steps<Float64Array> {
  const { rows } = features;
  const nearest = Array.from({ length: rows }, () => new Float64Array(neighbors).fill(Infinity));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const distance = squaredDistance(features, i, { of: features, j });
      insertSmallest(nearest[i]!, distance);
      insertSmallest(nearest[j]!, distance);
    }
    if (i % 8 === 0) yield (i / rows) ** 2;
  }
  return Float64Array.from(nearest, (distances) => distances[neighbors - 1]!);
}

/** Fraction of probes inside the neighbourhood of any row of the manifold. */
function* covered(manifold: FeatureMatrix, probes: FeatureMatrix, neighbors: number): Steps<number> {
  const radii = yield* squaredRadii(manifold, neighbors);
  let inside = 0;
  for (let i = 0; i < probes.rows; i++) {
    for (let j = 0; j < manifold.rows; j++) {
      if (squaredDistance(probes, i, { of: manifold, j }) > radii[j]!) continue;
      inside++;
      break;
    }
    if (i % 8 === 0) yield i / probes.rows;
  }
  return inside / probes.rows;
}

/** Wilson's score interval of a fraction. */
export function wilsonInterval(fraction: number, count: number): Interval {
  const z2 = 1.959964 ** 2;
  const middle = (fraction + z2 / (2 * count)) / (1 + z2 / count);
  const half = (1.959964 / (1 + z2 / count)) * Math.sqrt((fraction * (1 - fraction)) / count + z2 / (4 * count * count));
  return { low: middle - half, high: middle + half, level: 0.95 };
}

/** As {@link precisionRecall}, row by row. */
export function* precisionRecallSteps(
  real: FeatureMatrix,
  generated: FeatureMatrix,
  { neighbors = 3 }: PrecisionRecallOptions = {},
): Steps<PrecisionRecall> {
  if (!Number.isInteger(neighbors) || neighbors < 1) {
    throw new SpatialGANError('CONFIG', `precisionRecall: expected a positive number of neighbors, got ${neighbors}`);
  }
  assertFeatures('precisionRecall', real, neighbors + 1);
  assertFeatures('precisionRecall', generated, neighbors + 1);
  assertSameDims('precisionRecall', real, generated);
  const halve = function* (steps: Steps<number>, from: number): Steps<number> {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      yield from + value / 2;
    }
  };
  const precision = yield* halve(covered(real, generated, neighbors), 0);
  const recall = yield* halve(covered(generated, real, neighbors), 0.5);
  return {
    precision, recall,
    precisionInterval: wilsonInterval(precision, generated.rows),
    recallInterval: wilsonInterval(recall, real.rows),
  };
}

/**
 * Improved precision and recall (Kynkäänniemi et al. 2019) by k-nearest-neighbour manifolds, in float64 (the official code: float16).
 *
 * The official code's "(k+1)-th smallest distance to the own set" counts the zero distance to itself; it is the k-th here.
 *
 * @throws SpatialGANError 'SHAPE' when the features differ in length, 'DATA' for sets of k images or less.
 */
export function precisionRecall(real: FeatureMatrix, generated: FeatureMatrix, options: PrecisionRecallOptions = {}): PrecisionRecall {
  return finish(precisionRecallSteps(real, generated, options));
}
