import '@tensorflow/tfjs-backend-cpu';
import { engine, ready, setBackend } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import type { GaussianRegion, HeatmapLayout, RegionBase } from '@spatialgan/schema';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianRenderer, heatmapChannels } from './gaussianRenderer.js';
import { hierarchicalSampler } from './hierarchicalSampler.js';
import { multiObjectSampler } from './multiObjectSampler.js';
import { noiseSampler } from './noiseSampler.js';
import { pixelGrid } from './pixelGrid.js';
import { paintGaussian, paintGaussianPointwise, paintPoints } from './regionPainter.js';

interface DiscRegion extends RegionBase {
  readonly kind: 'disc';
  readonly radius: number;
}
declare module '@spatialgan/schema' {
  interface RegionKinds {
    disc: DiscRegion;
  }
}

const gaussian = (change: Partial<GaussianRegion> = {}): GaussianRegion => ({
  id: 'a', kind: 'gaussian', center: { x: 0.5, y: 0.5 }, covariance: [0.125, 0, 0.125], weight: 1, ...change,
});
const layoutOf = (...regions: HeatmapLayout['levels'][number]['regions'][number][]): HeatmapLayout => ({
  version: 1, levels: [{ resolutions: [2], regions }],
});

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

describe('gaussianRenderer', () => {
  it('writes the numbers worked by hand', () => {
    // Pixel middles lie ¼ off the center, |p-c|² = ⅛, so exp(-½ · ⅛ / ⅛) everywhere.
    const map = gaussianRenderer().render([layoutOf(gaussian({ weight: 0.5 }))], [2]).get(2)!;
    expect(map.shape).toEqual([1, 2, 2, 1]);
    for (const value of map.dataSync()) expect(value).toBeCloseTo(0.5 * Math.exp(-0.5), 6);
    // The reference grid has samples in the corners: |p-c|² = ½, exp(-2) and a floor of 0.01.
    const reference = gaussianRenderer({ preset: 'reference' }).render([layoutOf(gaussian())], [2]).get(2)!;
    for (const value of reference.dataSync()) expect(value).toBeCloseTo(Math.exp(-2) + 0.01, 6);
  });

  it('puts x along the columns and one region in a channel', () => {
    const right = gaussian({ center: { x: 1, y: 0 }, covariance: [0.01, 0, 0.01] });
    const map = gaussianRenderer().render([layoutOf(gaussian(), { ...right, id: 'b' })], [2]).get(2)!;
    const channel = map.arraySync()[0]!.map((row) => row.map((pixel) => pixel[1]!));
    expect(channel[0]![1]).toBeGreaterThan(100 * channel[0]![0]!);
    expect(channel[0]![1]).toBeGreaterThan(100 * channel[1]![1]!);
  });

  it('paints diagonal and rotated covariances as the pointwise oracle does', () => {
    const grid = pixelGrid(7, 5, 'center');
    const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(real(-1, 2), real(-1, 2), real(0.01, 0.5), real(0.01, 0.5), real(-0.9, 0.9), fc.boolean(), (x, y, sx, sy, rho, turned) => {
        const covariance = [sx * sx, turned ? rho * sx * sy : 0, sy * sy] as const;
        const region = gaussian({ center: { x, y }, covariance });
        const [fast, plain] = [new Float32Array(35), new Float32Array(35)];
        paintGaussian(region, grid, fast);
        paintGaussianPointwise(region, grid, plain);
        fast.forEach((value, i) => expect(Math.abs(value - plain[i]!)).toBeLessThan(1e-6));
        expect(fast.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });

  it('renders each level at its own resolution, or all at one size', () => {
    const layouts = [1, 2].map((seed) => hierarchicalSampler().sample(createRng(seed)));
    const coarse = gaussianRenderer().render(layouts, [4, 8, 16, 32]);
    expect([...coarse].map(([r, map]) => [r, ...map.shape])).toEqual([[4, 2, 4, 4, 1], [8, 2, 8, 8, 2], [16, 2, 16, 16, 4]]);
    const fine = gaussianRenderer({ size: 32 }).render(layouts, [16, 8, 4]);
    expect([...fine].map(([r, map]) => [r, ...map.shape])).toEqual([[4, 2, 32, 32, 1], [8, 2, 32, 32, 2], [16, 2, 32, 32, 4]]);
    expect([...heatmapChannels(layouts[0]!, [8, 64, 4])]).toEqual([[4, 1], [8, 2]]);
  });

  it('shares one tensor where all resolutions read the same map, and leaves nothing else', () => {
    const layout = multiObjectSampler().sample(createRng(1));
    const before = engine().state.numTensors;
    const pyramid = gaussianRenderer({ size: 16 }).render([layout], [4, 8, 16]);
    expect(engine().state.numTensors - before).toBe(1);
    expect(pyramid.get(4)).toBe(pyramid.get(16));
    for (const map of pyramid.values()) map.dispose();
    expect(engine().state.numTensors).toBe(before);
  });

  it('renders noise in [0, 1] that is the same at every size and for every seed of its own', () => {
    const layout = noiseSampler().sample(createRng(4));
    expect(noiseSampler().sample(createRng(4))).toEqual(layout);
    const native = gaussianRenderer().render([layout], [4, 8, 16]);
    const doubled = gaussianRenderer({ size: 12 }).render([layout], [4]).get(4)!;
    const cells = native.get(4)!.arraySync()[0]!;
    const fine = doubled.arraySync()[0]!;
    // The middle of each cell is sampled by both.
    for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) expect(fine[3 * i + 1]![3 * j + 1]![0]).toBeCloseTo(cells[i]![j]![0]!, 6);
    const values = [...native.get(16)!.dataSync()];
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(new Set(values).size).toBeGreaterThan(900);
  });

  it('renders kinds from outside by the painter it is given', () => {
    const disc: DiscRegion = { id: 'd', kind: 'disc', center: { x: 0.25, y: 0.25 }, weight: 1, radius: 0.1 };
    const kinds = { disc: paintPoints<DiscRegion>((r, p) => (Math.hypot(p.x - r.center.x, p.y - r.center.y) < r.radius ? r.weight : 0)) };
    const map = gaussianRenderer({ kinds }).render([layoutOf(disc)], [2]).get(2)!;
    expect([...map.dataSync()]).toEqual([1, 0, 0, 0]);
    expect(() => gaussianRenderer().render([layoutOf(disc)], [2])).toThrow(/no painter for region kind 'disc'/);
  });

  it('refuses batches of unequal layouts and empty ones', () => {
    const one = layoutOf(gaussian());
    const two = layoutOf(gaussian(), gaussian({ id: 'b' }));
    expect(() => gaussianRenderer().render([one, two], [2])).toThrow(/expected 1 regions as in the batch's first layout, got 2/);
    expect(() => gaussianRenderer().render([], [2])).toThrow(/at least one layout/);
    expect(() => pixelGrid(0, 4)).toThrow(/positive integer sides, got 0×4/);
  });
});
