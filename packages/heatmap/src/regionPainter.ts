import { evaluateGaussian, inverseCovariance, type GaussianRegion, type Point, type RegionKinds } from '@spatialgan/schema';
import { paintNoise } from './noiseRegion.js';
import type { PixelGrid } from './pixelGrid.js';

/** Writes a region's values in [0, 1] at the samples of a grid, row by row, into `out` [height·width]. */
export type RegionPainter<R> = (region: R, grid: PixelGrid, out: Float32Array) => void;

/** A painter per region kind; kinds are added to `RegionKinds` by declaration merging. */
export type RegionPainters = { readonly [K in keyof RegionKinds]?: RegionPainter<RegionKinds[K]> };

/** The painter of a region that is given as a function of the point. */
export function paintPoints<R>(evaluate: (region: R, point: Point) => number): RegionPainter<R> {
  return (region, { xs, ys }, out) => {
    let index = 0;
    for (const y of ys) for (const x of xs) out[index++] = evaluate(region, { x, y });
  };
}

/** {@link paintGaussian} without its short cuts: its oracle. */
export const paintGaussianPointwise: RegionPainter<GaussianRegion> = paintPoints(evaluateGaussian);

/** Writes H_i(p) = weight · exp(-½ (p-c)ᵀ Σ⁻¹ (p-c)) (Eq. 1); the product of two profiles when Σ is diagonal. */
export function paintGaussian(region: GaussianRegion, grid: PixelGrid, out: Float32Array): void {
  const { weight, center, covariance } = region;
  const [a, b, d] = inverseCovariance(covariance);
  const { width, height, xs, ys } = grid;
  if (b !== 0) return paintRotated();
  const row = Float64Array.from(xs, (x) => Math.exp(-0.5 * a * (x - center.x) ** 2));
  for (let i = 0, index = 0; i < height; i++) {
    const scale = weight * Math.exp(-0.5 * d * (ys[i]! - center.y) ** 2);
    for (let j = 0; j < width; j++) out[index++] = scale * row[j]!;
  }

  function paintRotated(): void {
    for (let i = 0, index = 0; i < height; i++) {
      const dy = ys[i]! - center.y;
      for (let j = 0; j < width; j++) {
        const dx = xs[j]! - center.x;
        out[index++] = weight * Math.exp(-0.5 * (a * dx * dx + 2 * b * dx * dy + d * dy * dy));
      }
    }
  }
}

/** The painters of the kinds this package knows. */
export const regionPainters: Required<Pick<RegionPainters, 'gaussian' | 'noise'>> = {
  gaussian: paintGaussian,
  noise: paintNoise,
};
