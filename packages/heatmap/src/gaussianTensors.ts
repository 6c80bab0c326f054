import { add, div, exp, mul, reshape, sub, type Tensor, tensor1d, tensor2d, tensor4d, type Tensor1D, type Tensor2D, type Tensor4D, tidy, unstack } from '@tensorflow/tfjs-core';
import type { GaussianRegion } from '@spatialgan/schema';
import type { PixelGrid } from './pixelGrid.js';

/**
 * Gaussian regions as tensors that may be optimized: every value gives a positive definite covariance.
 *
 * With u = log standard deviations and s = shear, Σ = L Lᵀ for L = [[exp u₀, 0], [s, exp u₁]].
 */
export interface GaussianTensors {
  /** x and y of the centers, [K,2]. */
  readonly centers: Tensor2D;
  /** u, [K,2]. */
  readonly logScales: Tensor2D;
  /** s, [K]. */
  readonly shears: Tensor1D;
}

/** Regions as tensors, in their order; the caller's. */
export function gaussianTensors(regions: readonly GaussianRegion[]): GaussianTensors {
  const cholesky = regions.map(({ covariance: [xx, xy, yy] }) => {
    const a = Math.sqrt(xx);
    return [Math.log(a), 0.5 * Math.log(yy - (xy / a) ** 2), xy / a] as const;
  });
  return {
    centers: tensor2d(regions.map(({ center: { x, y } }) => [x, y]), [regions.length, 2]),
    logScales: tensor2d(cholesky.map(([u0, u1]) => [u0, u1]), [regions.length, 2]),
    shears: tensor1d(cholesky.map(([, , s]) => s)),
  };
}

/** The regions of tensors: ids, parents, weights and styles from `like`. */
export function gaussianRegions(
  { centers, logScales, shears }: Readonly<Record<keyof GaussianTensors, ArrayLike<number>>>, like: readonly GaussianRegion[],
): GaussianRegion[] {
  return like.map((region, k) => {
    const [a, b, s] = [Math.exp(logScales[2 * k]!), Math.exp(logScales[2 * k + 1]!), shears[k]!];
    return { ...region, center: { x: centers[2 * k]!, y: centers[2 * k + 1]! }, covariance: [a * a, s * a, s * s + b * b] };
  });
}

/**
 * Draws regions as `renderRegions` does (Eq. 1), from tensors. Differentiable: any order, by all three tensors.
 *
 * @returns [1,height,width,K].
 */
export function renderGaussianTensors(
  { centers, logScales, shears }: GaussianTensors, { grid, weights, floor = 0 }: { readonly grid: PixelGrid; readonly weights: readonly number[]; readonly floor?: number },
): Tensor4D {
  return tidy(() => {
    const K = weights.length;
    const axis = (values: Float64Array, shape: [number, number, number, number]): Tensor4D => tensor4d(Float32Array.from(values), shape);
    const column = (pair: Tensor2D): [Tensor, Tensor] => unstack(pair, 1).map((values) => reshape(values, [1, 1, 1, K])) as [Tensor, Tensor];
    const [cx, cy] = column(centers);
    const [u0, u1] = column(logScales);
    // u = L⁻¹ (p - c), so that (p-c)ᵀ Σ⁻¹ (p-c) = |u|².
    const first = div(sub(axis(grid.xs, [1, 1, grid.width, 1]), cx), exp(u0));
    const second = div(sub(sub(axis(grid.ys, [1, grid.height, 1, 1]), cy), mul(reshape(shears, [1, 1, 1, K]), first)), exp(u1));
    const height = exp(mul(add(mul(first, first), mul(second, second)), -0.5));
    return add(mul(height, tensor4d(Float32Array.from(weights), [1, 1, 1, K])), floor) as Tensor4D;
  });
}
