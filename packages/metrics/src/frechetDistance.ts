import { SpatialGANError } from '@spatialgan/core';
import { dot } from './dot.js';
import { assertSameDims } from './featureMatrix.js';
import type { FeatureStatistics } from './featureStatistics.js';
import { type Factor, semidefiniteFactor } from './semidefiniteFactor.js';
import { finish, type Steps } from './steps.js';
import { symmetricEigenvalues } from './symmetricEigenvalues.js';

/** Lᵀ S L, [rank, rank]: it has the nonzero eigenvalues of L Lᵀ S. */
function* congruence({ rank, transposed }: Factor, matrix: Float64Array, n: number): Steps<Float64Array> {
  const out = new Float64Array(rank * rank);
  const row = new Float64Array(n);
  for (let r = 0; r < rank; r++) {
    row.fill(0);
    for (let k = 0; k < n; k++) {
      const factor = transposed[r * n + k]!;
      if (factor === 0) continue;
      const from = k * n;
      for (let j = 0; j < n; j++) row[j]! += factor * matrix[from + j]!;
    }
    for (let c = 0; c <= r; c++) out[r * rank + c] = out[c * rank + r] = dot(row, transposed, c * n);
    if (r % 16 === 0) yield 0.2 + (r / rank) * 0.5;
  }
  return out;
}

/** As {@link frechetDistance}, step by step: at 2048 dims it takes about a minute. */
export function* frechetDistanceSteps(a: FeatureStatistics, b: FeatureStatistics): Steps<number> {
  assertSameDims('frechetDistance', a, b);
  const n = a.dims;
  const [smaller, larger] = a.count <= b.count ? [a, b] : [b, a];
  const factor = yield* semidefiniteFactor(smaller.covariance, n);
  const product = yield* congruence(factor, larger.covariance, n);
  const eigenvalues = yield* symmetricEigenvalues(product, factor.rank, 0.7);
  let distance = 0;
  for (let i = 0; i < n; i++) {
    distance += (a.mean[i]! - b.mean[i]!) ** 2 + a.covariance[i * n + i]! + b.covariance[i * n + i]!;
  }
  for (const value of eigenvalues) distance -= 2 * Math.sqrt(Math.max(value, 0));
  if (!Number.isFinite(distance)) {
    throw new SpatialGANError('DATA', 'frechetDistance: expected finite statistics; look at the features for NaN');
  }
  return distance;
}

/**
 * Fréchet distance of two Gaussians, |μ₁-μ₂|² + tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½) (FID, Heusel et al. 2017), in float64.
 *
 * The root's trace is that of the symmetric Lᵀ Σ₂ L with Σ₁ = L Lᵀ, so no complex parts arise, and rank-deficient
 * covariances need no offset on the diagonal.
 *
 * @throws SpatialGANError 'SHAPE' when the features differ in length, 'DATA' when they are not finite.
 */
export function frechetDistance(a: FeatureStatistics, b: FeatureStatistics): number {
  return finish(frechetDistanceSteps(a, b));
}
