import { SpatialGANError } from '@spatialgan/core';
import type { Steps } from './steps.js';

const notFinite = (): SpatialGANError =>
  new SpatialGANError('DATA', 'symmetricEigenvalues: expected finite values of moderate size; look at the features for NaN');

/** Reflects row i's head onto its last entry; returns the off-diagonal entry, or null when nothing is to reflect. */
function householder(a: Float64Array, { n, i }: { n: number; i: number }): { offDiagonal: number; h: number } | null {
  const row = i * n;
  let scale = 0;
  for (let k = 0; k < i - 1; k++) scale = Math.max(scale, Math.abs(a[row + k]!));
  if (scale === 0) return null;
  scale = Math.max(scale, Math.abs(a[row + i - 1]!));
  let h = 0;
  for (let k = 0; k < i; k++) h += (a[row + k]! / scale) ** 2;
  const f = a[row + i - 1]! / scale;
  const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
  for (let k = 0; k < i; k++) a[row + k]! /= scale;
  a[row + i - 1] = f - g;
  return { offDiagonal: scale * g, h: h - f * g };
}

/** A ← A - u qᵀ - q uᵀ on the leading i×i lower triangle, with u in row i. */
function reflect(a: Float64Array, { n, i, h }: { n: number; i: number; h: number }, p: Float64Array): void {
  const u = a.subarray(i * n, i * n + i);
  p.fill(0, 0, i);
  for (let r = 0; r < i; r++) {
    const row = r * n;
    const ur = u[r]!;
    let sum = 0;
    for (let c = 0; c < r; c++) {
      const value = a[row + c]!;
      sum += value * u[c]!;
      p[c]! += value * ur;
    }
    p[r]! += sum + a[row + r]! * ur;
  }
  let dot = 0;
  for (let r = 0; r < i; r++) dot += (p[r]! /= h) * u[r]!;
  const k = dot / (2 * h);
  for (let r = 0; r < i; r++) p[r]! -= k * u[r]!;
  for (let r = 0; r < i; r++) {
    const row = r * n;
    const [ur, pr] = [u[r]!, p[r]!];
    for (let c = 0; c <= r; c++) a[row + c]! -= ur * p[c]! + pr * u[c]!;
  }
}

/** One shift of the implicit QL method from row m up to row l. */
function implicitShift(d: Float64Array, e: Float64Array, { l, m }: { l: number; m: number }): void {
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    [s, c] = [f / r, g / r];
    g = d[i + 1]! - p;
    r = (d[i]! - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

/** Eigenvalues of a tridiagonal matrix: d becomes them; e[i] couples i and i + 1 and is used up. */
function diagonalize(d: Float64Array, e: Float64Array): void {
  const n = d.length;
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      if (iteration === 90) throw notFinite();
      implicitShift(d, e, { l, m });
    }
  }
}

/**
 * Eigenvalues of a symmetric matrix by Householder reflections and implicit QL, in no order; 4/3 n³ operations.
 *
 * @param matrix [n,n] row-major, lower triangle read; overwritten.
 * @param from fraction that is done when it starts.
 * @throws SpatialGANError 'DATA' when the matrix is not finite.
 */
export function* symmetricEigenvalues(matrix: Float64Array, n: number, from = 0): Steps<Float64Array> {
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const reflection = householder(matrix, { n, i });
    e[i - 1] = reflection ? reflection.offDiagonal : matrix[i * n + i - 1]!;
    if (reflection) reflect(matrix, { n, i, h: reflection.h }, p);
    if (i % 16 === 0) yield from + (1 - from) * (1 - (i / n) ** 3);
  }
  for (let i = 0; i < n; i++) d[i] = matrix[i * n + i]!;
  if (!d.every(Number.isFinite) || !e.every(Number.isFinite)) throw notFinite();
  diagonalize(d, e);
  return d;
}
