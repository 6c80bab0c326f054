import type { Steps } from './steps.js';

/** A factor L with matrix = L Lᵀ. */
export interface Factor {
  readonly rank: number;
  /** Lᵀ, [rank, n] row-major. */
  readonly transposed: Float64Array;
}

/**
 * Cholesky factor of a positive semidefinite matrix with diagonal pivoting, which ends at the matrix's rank.
 *
 * What remains beyond the rank is below n·ε of the largest diagonal entry, the rounding of the input itself.
 *
 * @param matrix [n,n] row-major; not changed.
 */
export function* semidefiniteFactor(matrix: Float64Array, n: number): Steps<Factor> {
  const diagonal = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]!);
  const limit = n * Number.EPSILON * diagonal.reduce((a, b) => Math.max(a, b), 0);
  const rows: Float64Array[] = [];
  const left = new Set(Array.from({ length: n }, (_, i) => i));
  while (left.size > 0) {
    let pivot = -1;
    for (const i of left) if (pivot < 0 || diagonal[i]! > diagonal[pivot]!) pivot = i;
    if (!(diagonal[pivot]! > limit)) break;
    left.delete(pivot);
    const root = Math.sqrt(diagonal[pivot]!);
    const row = new Float64Array(n);
    for (const i of left) row[i] = matrix[pivot * n + i]!;
    for (const earlier of rows) {
      const factor = earlier[pivot]!;
      if (factor === 0) continue;
      for (let i = 0; i < n; i++) row[i]! -= factor * earlier[i]!;
    }
    for (let i = 0; i < n; i++) row[i] = left.has(i) ? row[i]! / root : 0;
    row[pivot] = root;
    for (const i of left) diagonal[i]! -= row[i]! ** 2;
    rows.push(row);
    if (rows.length % 16 === 0) yield (rows.length / n) ** 2 * 0.2;
  }
  const transposed = new Float64Array(rows.length * n);
  rows.forEach((row, r) => transposed.set(row, r * n));
  return { rank: rows.length, transposed };
}
