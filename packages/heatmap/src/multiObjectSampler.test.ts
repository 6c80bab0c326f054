import { createRng } from '@spatialgan/core';
import { regionsOf, validateLayout } from '@spatialgan/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiObjectSampler } from './multiObjectSampler.js';

describe('multiObjectSampler', () => {
  it('draws regions of equal standing for all layers, sizes within the range', () => {
    const sampler = multiObjectSampler({ regions: 5, sigmaRange: [0.1, 0.2], styles: true });
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const layout = sampler.sample(createRng(seed));
        expect(sampler.sample(createRng(seed))).toEqual(layout);
        validateLayout(layout);
        expect(layout.levels.map((level) => level.resolutions)).toEqual(['all']);
        for (const region of regionsOf(layout)) {
          if (region.kind !== 'gaussian') throw new Error('expected a Gaussian');
          const sigma = Math.sqrt(region.covariance[0]);
          expect(sigma >= 0.1 - 1e-12 && sigma <= 0.2 + 1e-12).toBe(true);
          expect(region.style?.kind).toBe('seed');
          expect(region.center.x >= 0 && region.center.x < 1).toBe(true);
        }
      }),
    );
  });

  it('keeps centers outside when told to', () => {
    const sampler = multiObjectSampler({ outside: 'keep' });
    const centers = Array.from({ length: 200 }, (_, seed) => regionsOf(sampler.sample(createRng(seed)))[0]!.center);
    expect(centers.some(({ x }) => x < 0 || x > 1)).toBe(true);
  });

  it('refuses impossible options', () => {
    expect(() => multiObjectSampler({ regions: 0 })).toThrow(/positive number of regions, got 0/);
    expect(() => multiObjectSampler({ sigmaRange: [0.2, 0.1] })).toThrow(/0 < min ≤ max/);
  });
});
