import type { GaussianRegion, Point } from './layout.js';

/** Covariance of a round Gaussian with standard deviation `sigma`, in image sides. */
export function isotropicCovariance(sigma: number): GaussianRegion['covariance'] {
  return [sigma * sigma, 0, sigma * sigma];
}

/** Σ⁻¹ as [xx, xy, yy]. A degenerate Σ is floored so that the peak stays finite. */
export function inverseCovariance([xx, xy, yy]: GaussianRegion['covariance']): readonly [number, number, number] {
  const determinant = Math.max(xx * yy - xy * xy, 1e-12);
  return [yy / determinant, -xy / determinant, xx / determinant];
}

/** H_i(p) = weight · exp(-½ (p-c)ᵀ Σ⁻¹ (p-c)), Eq. 1 without the normalizing constant: the peak is the weight. */
export function evaluateGaussian(region: GaussianRegion, { x, y }: Point): number {
  const [a, b, d] = inverseCovariance(region.covariance);
  const dx = x - region.center.x;
  const dy = y - region.center.y;
  return region.weight * Math.exp(-0.5 * (a * dx * dx + 2 * b * dx * dy + d * dy * dy));
}

/** Half axes (standard deviations along the main axes, in image sides) and the angle of the first, in radians. */
export interface GaussianAxes {
  readonly major: number;
  readonly minor: number;
  readonly angle: number;
}

/** Eigen-decomposition of Σ. */
export function gaussianAxes([xx, xy, yy]: GaussianRegion['covariance']): GaussianAxes {
  const mean = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  return {
    major: Math.sqrt(Math.max(mean + spread, 0)),
    minor: Math.sqrt(Math.max(mean - spread, 0)),
    angle: spread === 0 ? 0 : 0.5 * Math.atan2(2 * xy, xx - yy),
  };
}

/** Σ from half axes and angle; the inverse of {@link gaussianAxes}. */
export function covarianceOfAxes({ major, minor, angle }: GaussianAxes): GaussianRegion['covariance'] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [a, b] = [major * major, minor * minor];
  return [a * c * c + b * s * s, (a - b) * c * s, a * s * s + b * c * c];
}
