import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { registerGradients } from '@spatialgan/ops';
import type { GaussianRegion } from '@spatialgan/schema';
import { array64, type Array64, expectNoLeaks, gradCheck } from '@spatialgan-internal/test-kit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianRegions, gaussianTensors, pixelGrid, renderGaussianTensors, renderRegions } from './index.js';

const region = (id: string, change: Partial<GaussianRegion> = {}): GaussianRegion =>
  ({ id, kind: 'gaussian', center: { x: 0.5, y: 0.5 }, covariance: [0.04, 0, 0.04], weight: 1, ...change });
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const anyRegion = fc.tuple(real(-0.5, 1.5), real(-0.5, 1.5), real(0.05, 0.5), real(0.05, 0.5), real(-0.9, 0.9), real(0, 1)).map(([x, y, a, b, r, weight]) =>
  region('r', { center: { x, y }, covariance: [a * a, r * a * b, b * b], weight }));

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

describe('gaussians as tensors', () => {
  it('are drawn as the renderer draws them, on both grids', () => {
    fc.assert(fc.property(fc.array(anyRegion, { minLength: 1, maxLength: 3 }), fc.constantFrom('center' as const, 'corner' as const), (regions, convention) => {
      const grid = pixelGrid(4, 5, convention);
      const [expected, actual] = [renderRegions([regions], { grid, floor: 0.01 }), renderGaussianTensors(gaussianTensors(regions), { grid, weights: regions.map(({ weight }) => weight), floor: 0.01 })];
      expect(actual.shape).toEqual(expected.shape);
      const [a, b] = [actual.dataSync(), expected.dataSync()];
      a.forEach((value, i) => expect(Math.abs(value - b[i]!)).toBeLessThan(5e-6));
    }), { numRuns: 40 });
  });

  it('come back as the regions they were', () => {
    fc.assert(fc.property(anyRegion, (before) => {
      const { centers, logScales, shears } = gaussianTensors([before]);
      const [after] = gaussianRegions({ centers: centers.dataSync(), logScales: logScales.dataSync(), shears: shears.dataSync() }, [before]);
      expect({ ...after, center: before.center, covariance: before.covariance }).toEqual(before);
      after!.covariance.forEach((value, i) => expect(Math.abs(value - before.covariance[i]!)).toBeLessThan(1e-6));
      expect(Math.hypot(after!.center.x - before.center.x, after!.center.y - before.center.y)).toBeLessThan(1e-6);
    }), { numRuns: 40 });
  });

  it('have gradients by centers, sizes and shears', async () => {
    const grid = pixelGrid(3, 3);
    const reference = ({ data: c }: Array64, { data: u }: Array64, { data: s }: Array64): Array64 =>
      array64([1, 3, 3, 2], Float64Array.from([...grid.ys].flatMap((y) => [...grid.xs].flatMap((x) => [0, 1].map((k) => {
        const u0 = (x - c[2 * k]!) / Math.exp(u[2 * k]!);
        const u1 = (y - c[2 * k + 1]! - s[k]! * u0) / Math.exp(u[2 * k + 1]!);
        return [1, 0.5][k]! * Math.exp(-0.5 * (u0 * u0 + u1 * u1));
      })))));
    const run = (centers: Tensor2D, logScales: Tensor2D, shears: Tensor1D) => renderGaussianTensors({ centers, logScales, shears }, { grid, weights: [1, 0.5] });
    const inputs = [array64([2, 2], Float64Array.of(0.3, 0.6, 0.5, 0.5)), array64([2, 2], Float64Array.of(-1, -0.7, -0.5, -1.2)), array64([2], Float64Array.of(0.1, -0.05))];
    await gradCheck({ run, reference, inputs });
  });

  it('leave nothing behind', () => {
    expectNoLeaks(() => tidy(() => void renderGaussianTensors(gaussianTensors([region('a')]), { grid: pixelGrid(4, 4), weights: [1] })));
  });
});
