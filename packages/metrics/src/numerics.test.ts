import { readFileSync } from 'node:fs';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { createRng } from '@spatialgan/core';
import type { FeatureMatrix } from './featureMatrix.js';
import { createFeatureStatistics, type FeatureStatistics, mergeStatistics } from './featureStatistics.js';
import { frechetDistance } from './frechetDistance.js';
import { inceptionScore } from './inceptionScore.js';
import { kernelDistance } from './kernelDistance.js';
import { precisionRecall, wilsonInterval } from './precisionRecall.js';
import { semidefiniteFactor } from './semidefiniteFactor.js';
import { finish } from './steps.js';
import { symmetricEigenvalues } from './symmetricEigenvalues.js';

const truth = JSON.parse(readFileSync(new URL('../test/fixtures/metrics.json', import.meta.url), 'utf8')) as {
  real: number[]; gen: number[]; dims: number; fid: number; fidFew: number; kid: number; precision: number; recall: number; probs: number[]; score: [number, number];
};
const matrix = (values: ArrayLike<number>, dims: number): FeatureMatrix => ({ rows: values.length / dims, dims, values: Float64Array.from(values) });
const normals = (count: number, seed: number): Float64Array => {
  const rng = createRng(seed);
  return Float64Array.from({ length: count }, () => rng.normal());
};
function statisticsOf({ dims, values }: FeatureMatrix, batch = values.length): FeatureStatistics {
  const statistics = createFeatureStatistics(dims);
  for (let i = 0; i < values.length; i += batch) statistics.push(values.subarray(i, i + batch));
  return statistics.result();
}
const worst = (a: Float64Array, b: Float64Array): number => a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
const gaussian = (mean: readonly number[], covariance: readonly number[], count = 1e6): FeatureStatistics => ({
  count, dims: mean.length, mean: Float64Array.from(mean), covariance: Float64Array.from(covariance),
});
const relative = (got: number, expected: number): number => Math.abs(got - expected) / Math.abs(expected);

const shuffled = (count: number, seed: number): number[] => {
  const order = normals(count, seed);
  return Array.from(order.keys()).sort((a, b) => order[a]! - order[b]!);
};
/** The definition, pair by pair. */
function mmdByHand(real: FeatureMatrix, generated: FeatureMatrix, subset: { readonly real: readonly number[]; readonly generated: readonly number[] }): number {
  const row = ({ dims, values }: FeatureMatrix, i: number): number[] => [...values.subarray(i * dims, (i + 1) * dims)];
  const kernel = (x: number[], y: number[]): number => (x.reduce((sum, each, i) => sum + each * y[i]!, 0) / x.length + 1) ** 3;
  const [xs, ys] = [subset.real.map((i) => row(real, i)), subset.generated.map((i) => row(generated, i))];
  const sum = (a: number[][], b: number[][]): number => a.flatMap((x, i) => b.map((y, j) => (a === b && i === j ? 0 : kernel(x, y)))).reduce((total, each) => total + each, 0);
  const m = xs.length;
  return (sum(xs, xs) + sum(ys, ys)) / (m * (m - 1)) - (2 * sum(xs, ys)) / (m * m);
}

describe('FeatureStatistics', () => {
  it('counts two points by hand', () => {
    const { mean, covariance, count } = statisticsOf(matrix([1, 2, 3, 6], 2));
    expect([...mean, ...covariance, count]).toEqual([2, 4, 1, 2, 2, 4, 2]);
  });

  it('does not depend on the batch size, and pushing after a result goes on', () => {
    const rows = matrix(normals(203 * 7, 1).map((x) => x * 3 + 50), 7);
    const whole = statisticsOf(rows);
    for (const batch of [7, 14, 7 * 64, 7 * 100]) {
      const other = statisticsOf(rows, batch);
      expect(worst(other.mean, whole.mean)).toBe(0);
      expect(worst(other.covariance, whole.covariance)).toBe(0);
    }
    const twice = createFeatureStatistics(7);
    twice.push(rows.values.subarray(0, 7 * 90));
    twice.result();
    twice.push(rows.values.subarray(7 * 90));
    expect(worst(twice.result().covariance, whole.covariance)).toBe(0);
  });

  it('merges parts into the whole within 1e-12', () => {
    const rows = matrix(normals(300 * 5, 2).map((x, i) => x + (i % 5)), 5);
    const part = (begin: number, end: number): FeatureStatistics => statisticsOf(matrix(rows.values.subarray(begin * 5, end * 5), 5));
    const merged = mergeStatistics(part(0, 17), part(17, 300));
    const whole = statisticsOf(rows);
    expect(merged.count).toBe(300);
    expect(worst(merged.mean, whole.mean)).toBeLessThan(1e-12);
    expect(worst(merged.covariance, whole.covariance)).toBeLessThan(1e-12);
  });

  it('keeps its digits where the mean is a million spreads away', () => {
    const base = matrix(normals(500 * 2, 3), 2);
    const far = matrix(base.values.map((x) => x + 1e6), 2);
    expect(worst(statisticsOf(far).covariance, statisticsOf(base).covariance)).toBeLessThan(1e-9);
  });

  it('refuses parts of rows and emptiness', () => {
    const statistics = createFeatureStatistics(3);
    expect(() => statistics.push([1, 2])).toThrow(/whole rows of 3/);
    expect(() => statistics.result()).toThrow(/at least one row/);
    expect(() => createFeatureStatistics(0)).toThrow(/positive dims/);
  });
});

describe('symmetricEigenvalues', () => {
  const sorted = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort();

  it('solves 2×2 by hand, diagonal and zero matrices', () => {
    expect(worst(sorted(finish(symmetricEigenvalues(Float64Array.from([2, 1, 1, 2]), 2))), Float64Array.from([1, 3]))).toBeLessThan(1e-15);
    expect([...sorted(finish(symmetricEigenvalues(Float64Array.from([3, 0, 0, 0, -1, 0, 0, 0, 2]), 3)))]).toEqual([-1, 2, 3]);
    expect([...finish(symmetricEigenvalues(new Float64Array(16), 4))]).toEqual([0, 0, 0, 0]);
  });

  it.each([3, 10, 40, 90])('agrees with ml-matrix at %i rows', (n) => {
    const a = new Matrix(n, n);
    const values = normals(n * n, n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a.set(i, j, values[i * n + j]!).set(j, i, values[i * n + j]!);
    const expected = sorted(new EigenvalueDecomposition(a, { assumeSymmetric: true }).realEigenvalues);
    const got = sorted(finish(symmetricEigenvalues(Float64Array.from(a.to1DArray()), n)));
    expect(worst(got, expected)).toBeLessThan(1e-12 * n);
  });

  it('says when values are not finite', () => {
    expect(() => finish(symmetricEigenvalues(Float64Array.from([1, NaN, NaN, 1]), 2))).toThrow(/finite/);
  });
});

describe('semidefiniteFactor', () => {
  it('finds the rank and multiplies back', () => {
    const [n, r] = [12, 5];
    const b = new Matrix(n, r);
    normals(n * r, 9).forEach((value, i) => b.set(Math.floor(i / r), i % r, value));
    const a = Float64Array.from(b.mmul(b.transpose()).to1DArray());
    const { rank, transposed } = finish(semidefiniteFactor(a, n));
    expect(rank).toBe(r);
    const back = a.map((_, k) => {
      let sum = 0;
      for (let j = 0; j < rank; j++) sum += transposed[j * n + Math.floor(k / n)]! * transposed[j * n + (k % n)]!;
      return sum;
    });
    expect(worst(back, a)).toBeLessThan(1e-12);
    expect(finish(semidefiniteFactor(new Float64Array(4), 2)).rank).toBe(0);
  });
});

describe('frechetDistance', () => {
  it('has the closed form of commuting covariances', () => {
    // Σ (μ₁-μ₂)² + Σ (σ₁-σ₂)²
    expect(frechetDistance(gaussian([0, 1, 2], [1, 0, 0, 0, 4, 0, 0, 0, 9]), gaussian([1, 1, 0], [4, 0, 0, 0, 4, 0, 0, 0, 1]))).toBeCloseTo(5 + (1 + 0 + 4), 12);
  });

  it('has the closed form of 2×2 covariances that do not commute', () => {
    // tr (AB)^½ = √(tr AB + 2 √det AB)
    const [a, b] = [[2, 1, 1, 3], [5, -1, -1, 1]];
    const trace = 2 * 5 + 1 * -1 + 1 * -1 + 3 * 1;
    const expected = 2 + 3 + 5 + 1 - 2 * Math.sqrt(trace + 2 * Math.sqrt(5 * 4));
    expect(frechetDistance(gaussian([0, 0], a), gaussian([0, 0], b))).toBeCloseTo(expected, 12);
  });

  it('is 0 of equal and symmetric of different sets', () => {
    const [a, b] = [statisticsOf(matrix(normals(400, 4), 8)), statisticsOf(matrix(normals(640, 5).map((x) => 1.3 * x), 8))];
    expect(Math.abs(frechetDistance(a, a))).toBeLessThan(1e-12);
    expect(relative(frechetDistance(a, b), frechetDistance(b, a))).toBeLessThan(1e-12);
  });

  it('agrees with scipy within 1e-9, with few images too', () => {
    const [real, generated] = [matrix(truth.real, truth.dims), matrix(truth.gen, truth.dims)];
    expect(relative(frechetDistance(statisticsOf(real), statisticsOf(generated)), truth.fid)).toBeLessThan(1e-9);
    const few = (features: FeatureMatrix, rows: number): FeatureStatistics => statisticsOf(matrix(features.values.subarray(0, rows * 10), 10));
    expect(relative(frechetDistance(few(real, 60), few(generated, 30)), truth.fidFew)).toBeLessThan(1e-9);
  });

  it('stays right where one image spans nothing', () => {
    expect(frechetDistance(statisticsOf(matrix([1, 2, 3], 3)), statisticsOf(matrix([1, 4, 3], 3)))).toBe(4);
  });

  it('refuses what is not finite', () => {
    expect(() => frechetDistance(gaussian([0], [NaN]), gaussian([0], [1]))).toThrow(/finite/);
  });

  it('refuses features of two extractors', () => {
    expect(() => frechetDistance(gaussian([0], [1]), gaussian([0, 0], [1, 0, 0, 1]))).toThrow(/one extractor/);
  });
});

describe('kernelDistance', () => {
  it('agrees with NumPy in one whole subset', () => {
    const rows = (values: number[], count: number) => matrix(values.slice(0, count * truth.dims), truth.dims);
    const { value, subsetSize, numSubsets } = kernelDistance(rows(truth.real, 70), rows(truth.gen, 70), { numSubsets: 1 });
    expect(relative(value, truth.kid)).toBeLessThan(1e-12);
    expect([subsetSize, numSubsets]).toEqual([70, 1]);
  });

  it('draws the same subsets from the same seed', () => {
    const [a, b] = [matrix(truth.real, 10), matrix(truth.gen, 10)];
    const options = { numSubsets: 5, maxSubsetSize: 20 };
    expect(kernelDistance(a, b, options)).toEqual(kernelDistance(a, b, options));
    expect(kernelDistance(a, b, { ...options, seed: 1 }).value).not.toBe(kernelDistance(a, b, options).value);
  });

  it('gives the same bits whether kernels are shared by the subsets or each has its own, at any size', () => {
    for (const [rows, dims, m] of [[13, 5, 6], [14, 4, 7], [11, 1, 4]] as const) {
      const features = (seed: number): FeatureMatrix => matrix(normals(rows * dims, seed), dims);
      const [real, generated] = [features(1), features(2)];
      const subsets = Array.from({ length: 12 }, (_, s) => ({ real: shuffled(rows, s).slice(0, m), generated: shuffled(rows, s + 100).slice(0, m) }));
      // One subset has fewer pairs than the sets: its images are gathered. Twelve have more.
      const alone = subsets.map((subset) => kernelDistance(real, generated, { subsets: [subset] }).value);
      expect(kernelDistance(real, generated, { subsets }).value).toBe(alone.reduce((sum, value) => sum + value, 0) / 12);
      alone.forEach((value, i) => expect(relative(value, mmdByHand(real, generated, subsets[i]!))).toBeLessThan(1e-12));
    }
  });

  // For N(0,1) and N(m,1) in one dimension E(xy+1)³ is elementary.
  const m = 0.7;
  const exact = 4 + (1 + 3 * m * m + 3 * (1 + m * m) ** 2 + (m ** 3 + 3 * m) ** 2) - 2 * (1 + 3 * (1 + m * m));

  it.each([
    ['one whole subset', { numSubsets: 1 }],
    ['many small subsets', { numSubsets: 20, maxSubsetSize: 50 }],
  ])('covers the true distance by its interval: %s', (_name, options) => {
    let covered = 0;
    let sum = 0;
    for (let i = 0; i < 150; i++) {
      const { value, interval } = kernelDistance(matrix(normals(200, 3 * i), 1), matrix(normals(200, 3 * i + 1).map((x) => x + m), 1), { ...options, seed: i });
      sum += value / 150;
      if (interval.low <= exact && exact <= interval.high) covered++;
    }
    expect(Math.abs(sum - exact)).toBeLessThan(0.5);
    expect(covered / 150).toBeGreaterThan(0.85);
  });

  it('refuses a subset of one', () => {
    expect(() => kernelDistance(matrix([1], 1), matrix([1, 2], 1))).toThrow(/at least 2 images/);
  });
});

describe('precisionRecall', () => {
  it('counts points on a line by hand', () => {
    // Radii with k = 1: real 0,1,10 → 1,1,9; generated 0.5,3,30 → 2.5,2.5,27.
    const result = precisionRecall(matrix([0, 1, 10], 1), matrix([0.5, 3, 30], 1), { neighbors: 1 });
    expect(result.precision).toBe(2 / 3); // 3 lies within 9 of 10
    expect(result.recall).toBe(1); // 10 lies within 27 of 30
  });

  it('agrees with NumPy', () => {
    const { precision, recall, precisionInterval } = precisionRecall(matrix(truth.real, 10), matrix(truth.gen, 10));
    expect([precision, recall]).toEqual([truth.precision, truth.recall]);
    expect(precisionInterval.low).toBeLessThan(precision);
    expect(precisionInterval.high).toBeGreaterThan(precision);
  });

  it('has Wilson\'s interval: 0 of 10 reaches to 0.2775', () => {
    const { low, high } = wilsonInterval(0, 10);
    expect(low).toBeCloseTo(0, 12);
    expect(high).toBeCloseTo(0.2775, 4);
  });

  it('refuses sets without a k-th neighbour', () => {
    expect(() => precisionRecall(matrix([0, 1, 2], 1), matrix([0, 1, 2, 3], 1))).toThrow(/at least 4/);
    expect(() => precisionRecall(matrix([0, 1], 1), matrix([0, 1], 1), { neighbors: 0 })).toThrow(/positive number/);
  });
});

describe('inceptionScore', () => {
  it('is 1 of one answer and the number of classes of certain, even answers', () => {
    expect(inceptionScore(matrix([0.2, 0.8, 0.2, 0.8], 2), { numSplits: 1 }).mean).toBeCloseTo(1, 14);
    expect(inceptionScore(matrix([1, 0, 0, 0, 1, 0, 0, 0, 1], 3), { numSplits: 1 })).toMatchObject({ mean: expect.closeTo(3, 12) as number, std: 0, interval: null });
  });

  it('agrees with NumPy over splits', () => {
    const { mean, std } = inceptionScore(matrix(truth.probs, 5), { numSplits: 3 });
    expect(relative(mean, truth.score[0])).toBeLessThan(1e-12);
    expect(relative(std, truth.score[1])).toBeLessThan(1e-9);
  });
});
