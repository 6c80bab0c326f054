import { covarianceOfAxes, evaluateGaussian, gaussianAxes, type GaussianRegion, type Point } from '@spatialgan/schema';
import type { RegionUtil } from './tool.js';

const OUTLINE_POINTS = 48;
/** Standard deviations in image sides; beyond them a region is a dot or covers everything. */
const SIGMA_RANGE = [0.02, 1.5] as const;

const limit = (factor: number, variance: number): number => {
  const sigma = Math.sqrt(variance);
  return Math.min(Math.max(factor, SIGMA_RANGE[0] / sigma), Math.max(SIGMA_RANGE[1] / sigma, 1e-3));
};

/** Geometry of Gaussian regions; the outline is the ellipse of one standard deviation. */
export const gaussianUtil: RegionUtil<GaussianRegion> = {
  kind: 'gaussian',
  evaluate: evaluateGaussian,
  outline({ center, covariance }) {
    const { major, minor, angle } = gaussianAxes(covariance);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return Array.from({ length: OUTLINE_POINTS }, (_, i): Point => {
      const t = (2 * Math.PI * i) / OUTLINE_POINTS;
      const [u, v] = [major * Math.cos(t), minor * Math.sin(t)];
      return { x: center.x + u * c - v * s, y: center.y + u * s + v * c };
    });
  },
  resize(region, { x, y }) {
    const [xx, xy, yy] = region.covariance;
    const [fx, fy] = [limit(Math.abs(x), xx), limit(Math.abs(y), yy)];
    return { ...region, covariance: [xx * fx * fx, xy * fx * fy, yy * fy * fy] };
  },
  rotate(region, turn) {
    const { major, minor, angle } = gaussianAxes(region.covariance);
    return { ...region, covariance: covarianceOfAxes({ major, minor, angle: angle + turn }) };
  },
  angle: ({ covariance }) => gaussianAxes(covariance).angle,
};
