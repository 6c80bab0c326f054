import { createRng, isSpatialGANError } from '@spatialgan/core';
import { findRegion, moveRegion, regionsOf, validateLayout, type GaussianRegion } from '@spatialgan/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hierarchicalSampler, independentSampler, type HierarchicalSamplerOptions } from './hierarchicalSampler.js';

const presets: HierarchicalSamplerOptions[] = [{ preset: 'paper' }, { preset: 'reference' }];
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const spreadOf = (region: unknown): number => 8 * (region as GaussianRegion).covariance[0];

function deviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}

describe('hierarchicalSampler', () => {
  it('has one region and two and four around it, in levels that feed 4, 8 and 16', () => {
    const layout = hierarchicalSampler().sample(createRng(3));
    expect(layout.levels.map((level) => level.resolutions)).toEqual([[4], [8], [16]]);
    expect(regionsOf(layout).map((region) => region.id)).toEqual(['l0r0', 'l1r0', 'l1r1', 'l2r0', 'l2r1', 'l2r2', 'l2r3']);
    expect(regionsOf(layout).slice(1).every((region) => region.parentId === 'l0r0')).toBe(true);
  });

  it('lets the children follow a moved level-0 region', () => {
    const layout = hierarchicalSampler().sample(createRng(3));
    const before = findRegion(layout, 'l2r3')!.center;
    const { center } = findRegion(layout, 'l0r0')!;
    const after = findRegion(moveRegion(layout, 'l0r0', { x: center.x + 0.125, y: center.y }), 'l2r3')!.center;
    expect(after.x - before.x).toBeCloseTo(0.125, 12);
    expect(after.y).toBe(before.y);
  });

  it('is deterministic and draws valid documents', () => {
    for (const options of presets) {
      const sampler = hierarchicalSampler(options);
      fc.assert(
        fc.property(seeds, (seed) => {
          const layout = sampler.sample(createRng(seed));
          expect(sampler.sample(createRng(seed))).toEqual(layout);
          validateLayout(JSON.parse(JSON.stringify(layout)));
        }),
        { numRuns: 50 },
      );
    }
  });

  it('keeps level-0 centers inside the image (paper) or within ±0.375 of the middle (reference)', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const paper = findRegion(hierarchicalSampler().sample(createRng(seed)), 'l0r0')!.center;
        expect(Math.min(paper.x, paper.y)).toBeGreaterThanOrEqual(0);
        expect(Math.max(paper.x, paper.y)).toBeLessThan(1);
        const reference = findRegion(hierarchicalSampler({ preset: 'reference' }).sample(createRng(seed)), 'l0r0')!.center;
        expect(Math.max(Math.abs(reference.x - 0.5), Math.abs(reference.y - 0.5))).toBeLessThanOrEqual(0.375);
      }),
    );
  });

  it('follows the distributions of the paper and of the reference code', () => {
    const draw = (options: HierarchicalSamplerOptions, id: string) =>
      Array.from({ length: 4000 }, (_, seed) => {
        const layout = hierarchicalSampler(options).sample(createRng(seed));
        const [root, region] = [findRegion(layout, 'l0r0')!, findRegion(layout, id)!];
        return { dx: region.center.x - root.center.x, dy: region.center.y - root.center.y, spread: spreadOf(region) };
      });
    const paper = draw({}, 'l1r1');
    expect(deviation(paper.map(({ dx }) => dx))).toBeCloseTo(1 / 6, 2);
    expect(deviation(paper.map(({ dy }) => dy))).toBeCloseTo(1 / 6, 2);
    const reference = draw({ preset: 'reference' }, 'l2r2');
    expect(Math.max(...reference.map(({ dx }) => Math.abs(dx)))).toBeLessThanOrEqual(0.4);
    expect(deviation(reference.map(({ dy }) => dy))).toBeCloseTo(0.4 / Math.sqrt(3), 2);
    expect(Math.min(...reference.map(({ spread }) => spread))).toBeCloseTo(0.05, 2);
    expect(Math.max(...reference.map(({ spread }) => spread))).toBeCloseTo(0.55, 2);
  });

  it('draws one level-0 spread for a batch in the reference preset only', () => {
    expect(hierarchicalSampler().sampleBatch).toBeUndefined();
    const batch = hierarchicalSampler({ preset: 'reference' }).sampleBatch!(createRng(0), 5);
    expect(new Set(batch.map((layout) => spreadOf(findRegion(layout, 'l0r0')))).size).toBe(1);
    expect(new Set(batch.map((layout) => spreadOf(findRegion(layout, 'l1r0')))).size).toBe(5);
  });

  it('refuses levels without a description', () => {
    const make = () => hierarchicalSampler({ regions: [1, 2, 4, 8] });
    expect(make).toThrow(/expected 4 spreads for 4 levels, got 3; give 'spreads'/);
    expect(() => hierarchicalSampler({ regions: [1, 0] })).toThrow(/positive number of regions/);
    try {
      make();
    } catch (error) {
      expect(isSpatialGANError(error, 'CONFIG')).toBe(true);
    }
  });

  it('gives up on a center that never falls inside', () => {
    expect(() => hierarchicalSampler({ deviation: 1e9 }).sample(createRng(1))).toThrow(/expected a deviation below 1, got 1000000000/);
  });
});

describe('independentSampler', () => {
  it('draws the levels apart: no parents, all centers inside', () => {
    const regions = regionsOf(independentSampler().sample(createRng(9)));
    expect(regions).toHaveLength(7);
    expect(regions.every((region) => region.parentId === undefined)).toBe(true);
    expect(regions.every(({ center: { x, y } }) => x >= 0 && x < 1 && y >= 0 && y < 1)).toBe(true);
  });
});
