import { SpatialGANError } from '@spatialgan/core';
import { assertSameDims } from './featureMatrix.js';

/** Mean and covariance of features, all that FID reads. */
export interface FeatureStatistics {
  readonly count: number;
  readonly dims: number;
  /** [dims]. */
  readonly mean: Float64Array;
  /** [dims, dims], row-major, divided by the count, not by count - 1 (the official code). */
  readonly covariance: Float64Array;
}

/** Sums up features as they come; see {@link createFeatureStatistics}. */
export interface StatisticsAccumulator {
  /** Rows seen so far. */
  readonly count: number;
  /** Adds whole rows, row-major. @throws SpatialGANError 'SHAPE' when the length is no multiple of dims. */
  push(values: ArrayLike<number>): void;
  /** The statistics of what was pushed; pushing may go on. @throws SpatialGANError 'DATA' when nothing was. */
  result(): FeatureStatistics;
}

interface Moments {
  count: number;
  readonly mean: Float64Array;
  /** Σ (x - mean)(x - mean)ᵀ, lower triangle of [dims, dims]. */
  readonly scatter: Float64Array;
}

const blockRows = 64;

/** Adds Σ_r x_r x_rᵀ to the lower triangle, four rows at a time (several times as fast as one). */
function addOuterProducts(scatter: Float64Array, rows: Float64Array, dims: number): void {
  const count = rows.length / dims;
  const whole = count - (count % 4);
  for (let i = 0; i < dims; i++) {
    const at = i * dims;
    for (let r = 0; r < whole; r += 4) {
      const [p, q, s, t] = [r * dims, (r + 1) * dims, (r + 2) * dims, (r + 3) * dims];
      const [fp, fq, fs, ft] = [rows[p + i]!, rows[q + i]!, rows[s + i]!, rows[t + i]!];
      for (let j = 0; j <= i; j++) scatter[at + j]! += fp * rows[p + j]! + fq * rows[q + j]! + fs * rows[s + j]! + ft * rows[t + j]!;
    }
    for (let r = whole; r < count; r++) {
      const from = r * dims;
      const factor = rows[from + i]!;
      for (let j = 0; j <= i; j++) scatter[at + j]! += factor * rows[from + j]!;
    }
  }
}

/** Chan's update: the block about its own mean, plus one row for the distance of the two means. */
function addBlock(moments: Moments, block: Float64Array): void {
  const { mean, scatter } = moments;
  const dims = mean.length;
  const added = block.length / dims;
  const total = moments.count + added;
  const weight = Math.sqrt((moments.count * added) / total);
  const rows = new Float64Array(block.length + dims);
  for (let j = 0; j < dims; j++) {
    let average = 0;
    for (let r = 0; r < added; r++) average += block[r * dims + j]!;
    average /= added;
    for (let r = 0; r < added; r++) rows[r * dims + j] = block[r * dims + j]! - average;
    const distance = average - mean[j]!;
    rows[block.length + j] = distance * weight;
    mean[j]! += (distance * added) / total;
  }
  addOuterProducts(scatter, rows, dims);
  moments.count = total;
}

function statisticsOf({ count, mean, scatter }: Moments): FeatureStatistics {
  const dims = mean.length;
  const covariance = new Float64Array(dims * dims);
  for (let i = 0; i < dims; i++) {
    for (let j = 0; j <= i; j++) covariance[i * dims + j] = covariance[j * dims + i] = scatter[i * dims + j]! / count;
  }
  return { count, dims, mean: mean.slice(), covariance };
}

/**
 * Accumulates mean and covariance in float64 without keeping the features.
 *
 * Rows are gathered into blocks of one fixed size, so the result depends on their order only, not on how many come at once.
 *
 * @param dims length of a feature vector.
 */
export function createFeatureStatistics(dims: number): StatisticsAccumulator {
  if (!Number.isInteger(dims) || dims < 1) throw new SpatialGANError('CONFIG', `createFeatureStatistics: expected positive dims, got ${dims}`);
  const moments: Moments = { count: 0, mean: new Float64Array(dims), scatter: new Float64Array(dims * dims) };
  const block = new Float64Array(blockRows * dims);
  let filled = 0;
  return {
    get count() {
      return moments.count + filled / dims;
    },
    push(values) {
      if (values.length % dims !== 0) {
        throw new SpatialGANError('SHAPE', `FeatureStatistics.push: expected whole rows of ${dims}, got ${values.length} values`);
      }
      for (let i = 0; i < values.length; i++) {
        block[filled++] = values[i]!;
        if (filled < block.length) continue;
        addBlock(moments, block);
        filled = 0;
      }
    },
    result() {
      if (this.count === 0) throw new SpatialGANError('DATA', 'FeatureStatistics.result: expected at least one row, got none');
      if (filled === 0) return statisticsOf(moments);
      const whole: Moments = { count: moments.count, mean: moments.mean.slice(), scatter: moments.scatter.slice() };
      addBlock(whole, block.subarray(0, filled));
      return statisticsOf(whole);
    },
  };
}

/**
 * Statistics of the union of two disjoint sets.
 *
 * @throws SpatialGANError 'SHAPE' when their features differ in length.
 */
export function mergeStatistics(a: FeatureStatistics, b: FeatureStatistics): FeatureStatistics {
  assertSameDims('mergeStatistics', a, b);
  const { dims } = a;
  const count = a.count + b.count;
  const [wa, wb] = [a.count / count, b.count / count];
  const mean = a.mean.map((value, j) => wa * value + wb * b.mean[j]!);
  const covariance = a.covariance.map((value, k) => {
    const [i, j] = [Math.floor(k / dims), k % dims];
    return wa * value + wb * b.covariance[k]! + wa * wb * (b.mean[i]! - a.mean[i]!) * (b.mean[j]! - a.mean[j]!);
  });
  return { count, dims, mean, covariance };
}
