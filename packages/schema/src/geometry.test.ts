import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covarianceOfAxes, evaluateGaussian, gaussianAxes, inverseCovariance, isotropicCovariance } from './geometry.js';
import type { GaussianRegion } from './layout.js';

const round = (sigma: number, weight = 1): GaussianRegion => ({
  id: 'r',
  kind: 'gaussian',
  center: { x: 0.5, y: 0.5 },
  covariance: isotropicCovariance(sigma),
  weight,
});

describe('evaluateGaussian', () => {
  it('peaks at the weight and falls to exp(-1/2) of it one standard deviation away', () => {
    expect(evaluateGaussian(round(0.2, 0.8), { x: 0.5, y: 0.5 })).toBe(0.8);
    expect(evaluateGaussian(round(0.2), { x: 0.7, y: 0.5 })).toBeCloseTo(Math.exp(-0.5), 12);
    expect(evaluateGaussian(round(0.2), { x: 0.5, y: 0.1 })).toBeCloseTo(Math.exp(-2), 12);
  });

  it('follows the correlation', () => {
    const tilted = { ...round(1), covariance: [0.02, 0.01, 0.02] as const };
    const along = evaluateGaussian(tilted, { x: 0.6, y: 0.6 });
    const across = evaluateGaussian(tilted, { x: 0.6, y: 0.4 });
    expect(along).toBeCloseTo(Math.exp(-0.5 * (0.02 / 0.03)), 12);
    expect(across).toBeCloseTo(Math.exp(-0.5 * (0.02 / 0.01)), 12);
  });

  it('stays finite for a degenerate covariance', () => {
    expect(evaluateGaussian({ ...round(1), covariance: [0, 0, 0] }, { x: 0.5, y: 0.5 })).toBe(1);
  });
});

describe('axes and covariance', () => {
  it('are inverse to each other', () => {
    const length = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(length, length, fc.double({ min: -1.5, max: 1.5, noNaN: true }), (a, b, angle) => {
        const axes = { major: Math.max(a, b), minor: Math.min(a, b), angle };
        const again = covarianceOfAxes(gaussianAxes(covarianceOfAxes(axes)));
        covarianceOfAxes(axes).forEach((value, i) => expect(again[i]!).toBeCloseTo(value, 10));
      }),
    );
  });

  it('invert a matrix', () => {
    expect(inverseCovariance([2, 1, 2])).toEqual([2 / 3, -1 / 3, 2 / 3]);
  });
});
