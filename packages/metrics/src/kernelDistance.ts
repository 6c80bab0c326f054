import { createRng, SpatialGANError } from '@spatialgan/core';
import { assertFeatures, assertSameDims, type FeatureMatrix } from './featureMatrix.js';
import { type Interval, normalInterval } from './metricResult.js';
import { finish, type Steps } from './steps.js';
import { eachSubset, type Pairs, type SubsetIndices, type SubsetKernels } from './subsetKernels.js';

export interface KernelDistanceOptions {
  /** Default 100. */
  readonly numSubsets?: number;
  /** Images of each set a subset; default 1000, and never more than the smaller set has. */
  readonly maxSubsetSize?: number;
  /** Draws the subsets; default 0. */
  readonly seed?: number;
  /** Instead of drawing them. */
  readonly subsets?: readonly SubsetIndices[];
}

export interface KernelDistance {
  /** Mean over the subsets; unbiased, so it may be below 0. */
  readonly value: number;
  /** 95 %, of the sampling of images and of subsets. */
  readonly interval: Interval;
  readonly standardError: number;
  readonly numSubsets: number;
  readonly subsetSize: number;
}

/** Per row and per column the sum of its kernels; `self` leaves the diagonal out. */
function kernelSums({ table, width, rows, columns }: Pairs, self: boolean): { ofRows: Float64Array; ofColumns: Float64Array } {
  const m = rows.length;
  const [ofRows, ofColumns] = [new Float64Array(m), new Float64Array(m)];
  for (let i = 0; i < m; i++) {
    const row = rows[i]!;
    for (let j = 0; j < (self ? i : m); j++) {
      const column = columns[j]!;
      const value = table[self && column > row ? column * width + row : row * width + column]!;
      ofRows[i]! += value;
      (self ? ofRows : ofColumns)[j]! += value;
    }
  }
  return { ofRows, ofColumns };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** One subset's unbiased MMD² and the jackknife variance of it as an estimate from that many images. */
function subsetDistance({ real, generated, across }: SubsetKernels, m: number): { value: number; variance: number } {
  const [withinReal, withinGenerated] = [kernelSums(real, true).ofRows, kernelSums(generated, true).ofRows];
  const { ofRows: acrossReal, ofColumns: acrossGenerated } = kernelSums(across, false);
  const value = (total(withinReal) + total(withinGenerated)) / (m * (m - 1)) - (2 * total(acrossReal)) / (m * m);
  // Hájek projection of either sample: how much one image moves the estimate.
  const projected = (within: Float64Array, across: Float64Array): number => {
    const g = within.map((sum, i) => (2 * sum) / (m - 1) - (2 * across[i]!) / m);
    const mean = total(g) / m;
    return g.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (m - 1) / m;
  };
  return { value, variance: projected(withinReal, acrossReal) + projected(withinGenerated, acrossGenerated) };
}

function drawSubsets(real: FeatureMatrix, generated: FeatureMatrix, options: KernelDistanceOptions): readonly SubsetIndices[] {
  const { numSubsets = 100, maxSubsetSize = 1000, seed = 0 } = options;
  const size = Math.min(maxSubsetSize, real.rows, generated.rows);
  const rng = createRng(seed);
  const choose = (rows: number, label: string): Uint32Array => {
    const stream = rng.split(label);
    const order = Uint32Array.from({ length: rows }, (_, i) => i);
    for (let i = 0; i < size; i++) {
      const j = i + stream.integer(rows - i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order.slice(0, size);
  };
  return Array.from({ length: numSubsets }, (_, s) => ({ generated: choose(generated.rows, `generated:${s}`), real: choose(real.rows, `real:${s}`) }));
}

/** As {@link kernelDistance}, a few pairs at a time. */
export function* kernelDistanceSteps(real: FeatureMatrix, generated: FeatureMatrix, options: KernelDistanceOptions = {}): Steps<KernelDistance> {
  assertFeatures('kernelDistance', real, 2);
  assertFeatures('kernelDistance', generated, 2);
  assertSameDims('kernelDistance', real, generated);
  const subsets = options.subsets ?? drawSubsets(real, generated, options);
  const subsetSize = subsets[0]?.real.length ?? 0;
  if (subsetSize < 2 || subsets.some((each) => each.real.length !== subsetSize || each.generated.length !== subsetSize)) {
    throw new SpatialGANError('CONFIG', 'kernelDistance: expected at least one subset, and 2 or more images of each set in all of them');
  }
  const values: number[] = [];
  let variance = 0;
  yield* eachSubset({ real, generated }, subsets, (kernels) => {
    const each = subsetDistance(kernels, subsetSize);
    values.push(each.value);
    variance += each.variance / subsets.length;
  });
  const count = values.length;
  const value = values.reduce((sum, each) => sum + each, 0) / count;
  const spread = count > 1 ? values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (count - 1) : 0;
  const pool = Math.min(real.rows, generated.rows);
  const standardError = Math.sqrt((variance * subsetSize) / pool + spread / count);
  return { value, interval: normalInterval(value, standardError), standardError, numSubsets: count, subsetSize };
}

/**
 * Kernel distance, KID (Bińkowski et al. 2018): the unbiased MMD² with the kernel (x·y/dims + 1)³, mean over random subsets.
 *
 * All sums are float64 (the official code: float32). The interval joins the spread over the subsets with what the
 * choice of the images themselves contributes, which subsets of one pool share and their spread does not show.
 *
 * @throws SpatialGANError 'SHAPE' when the features differ in length, 'DATA' for less than two images a set.
 */
export function kernelDistance(real: FeatureMatrix, generated: FeatureMatrix, options: KernelDistanceOptions = {}): KernelDistance {
  return finish(kernelDistanceSteps(real, generated, options));
}
