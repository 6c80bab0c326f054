import { describe, expect, it } from 'vitest';
import type { Rng } from '@spatialgan/core';
import type { HeatmapLayout, ModelRuntime } from '@spatialgan/schema';
import { coMoveRatio, estimateMean } from './coMoveRatio.js';
import { evaluateCoMove } from './evaluateCoMove.js';
import { paletteSegmenter } from './paletteSegmenter.js';
import { regionMoves } from './regionMoves.js';
import type { ByteImage } from '@spatialgan/data';
import { objectAt } from './segmenter.js';

const side = 40;
const palette = [
  { label: 'wall', rgb: [10, 10, 10], background: true }, { label: 'bed', rgb: [200, 40, 40] }, { label: 'lamp', rgb: [40, 40, 220] },
] as const;
/** Squares of 6 pixels around centers in [0, 1], the palette's objects in order; the renderer that knows the truth. */
function scene(centers: readonly (readonly [number, number])[]): ByteImage {
  const data = new Uint8Array(side * side * 3).fill(10);
  centers.forEach(([x, y], k) => {
    const [left, top] = [Math.round(x * side) - 3, Math.round(y * side) - 3];
    for (let i = 0; i < 36; i++) {
      const [px, py] = [left + (i % 6), top + Math.floor(i / 6)];
      if (px >= 0 && py >= 0 && px < side && py < side) data.set(palette[k + 1]!.rgb, (py * side + px) * 3);
    }
  });
  return { data, width: side, height: side, channels: 3 };
}
const segmenter = paletteSegmenter({ colors: palette });
const place = (rng: Rng): [number, number] => [(4 + rng.integer(32)) / side, (4 + rng.integer(32)) / side];

describe('coMoveRatio', () => {
  it('projects the object\'s move on the region\'s', () => {
    expect(coMoveRatio({ x: 2, y: 0 }, { x: 1, y: 5 })).toBe(0.5);
    expect(coMoveRatio({ x: 0, y: -0.2 }, { x: 0, y: 0.2 })).toBe(-1);
  });

  it('gives a mean its interval', () => {
    const { mean, std, interval } = estimateMean([1, 2, 3]);
    expect([mean, std]).toEqual([2, 1]);
    expect(interval!.high).toBeCloseTo(2 + 1.959964 / Math.sqrt(3), 12);
    expect(estimateMean([4]).interval).toBeNull();
  });
});

describe('paletteSegmenter', () => {
  it('finds each object, its center and its mask', () => {
    const image = scene([[0.25, 0.5], [0.75, 0.25]]);
    const objects = segmenter.segment(image) as Exclude<ReturnType<typeof segmenter.segment>, Promise<unknown>>;
    expect(objects.map(({ label, area, center }) => [label, area, center])).toEqual([
      ['lamp', 36, { x: 0.75, y: 0.25 }], ['bed', 36, { x: 0.25, y: 0.5 }],
    ]);
    expect(objectAt(objects, { x: 0.25, y: 0.5 }, image)?.label).toBe('bed');
    expect(objectAt(objects, { x: 0.5, y: 0.9 }, image)).toBeNull();
    expect(objectAt(objects, { x: 1.2, y: 0.5 }, image)).toBeNull();
  });
});

describe('evaluateCoMove', () => {
  const draw = (obeys: number) => (_i: number, rng: Rng) => {
    const [from, to, other] = [place(rng), place(rng), [0.1, 0.9] as const];
    const move = { x: to[0] - from[0] || 0.1, y: to[1] - from[1] };
    const landed = [from[0] + Math.round(obeys * move.x * side) / side, from[1] + Math.round(obeys * move.y * side) / side] as const;
    return { before: scene([from, other]), after: scene([landed, other]), center: { x: from[0], y: from[1] }, move };
  };

  it.each([[1, 0.03], [0, 1e-9], [0.5, 0.05]])('is %d for objects that follow as much', async (obeys, near) => {
    const { result, examples } = await evaluateCoMove({ draw: draw(obeys), segmenter, numMoves: 60, seed: 4, keepExamples: 3 });
    expect(Math.abs(result.value - obeys)).toBeLessThan(near);
    expect(result).toMatchObject({ metric: 'coMoveRatio', seed: 4, version: 1, extractor: null, counts: { moves: 60 } });
    expect(result.details['segmenter']).toMatch(/^palette wall=/);
    expect(examples).toHaveLength(3);
    expect(examples[0]!.object).not.toBeNull();
  });

  it('counts what it did not match, leaves it out or as nothing moved', async () => {
    const vanish = (i: number, rng: Rng) => {
      const drawn = draw(1)(i, rng);
      return i % 2 === 0 ? drawn : { ...drawn, before: scene([]) };
    };
    const { result } = await evaluateCoMove({ draw: vanish, segmenter, numMoves: 20 });
    expect(result.counts).toEqual({ moves: 20, matched: 10 });
    expect(result.warnings.map(({ code }) => code)).toEqual(['UNMATCHED_MOVES']);
    const strict = await evaluateCoMove({ draw: vanish, segmenter, numMoves: 20, unmatched: 'zero' });
    expect(strict.result.value).toBeCloseTo(result.value / 2, 12);
  });

  it('stops when told and refuses a region that stays', async () => {
    await expect(evaluateCoMove({ draw: draw(1), segmenter, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    const still = (i: number, rng: Rng) => ({ ...draw(1)(i, rng), move: { x: 0, y: 0 } });
    await expect(evaluateCoMove({ draw: still, segmenter, numMoves: 1 })).rejects.toMatchObject({ code: 'DATA' });
  });

  it('moves the regions of any model, with their children', async () => {
    const seen: HeatmapLayout[] = [];
    const layout: HeatmapLayout = {
      version: 1,
      levels: [
        { resolutions: [4], regions: [{ id: 'a', kind: 'gaussian', weight: 1, center: { x: 0.5, y: 0.5 }, covariance: [0.02, 0, 0.02] }] },
        { resolutions: [8], regions: [{ id: 'b', kind: 'gaussian', weight: 1, parentId: 'a', center: { x: 0.6, y: 0.5 }, covariance: [0.01, 0, 0.01] }] },
      ],
    };
    const runtime: ModelRuntime = {
      info: { name: 'true renderer', imgResolution: side, heatmapResolutions: [4, 8], maxRegions: 2, regionStyles: false },
      sampleLayout: async () => layout,
      async synthesize(request) {
        seen.push(request.layout);
        const { center } = request.layout.levels[0]!.regions[0]!;
        const { data } = scene([[center.x, center.y]]);
        const pixels = Uint8ClampedArray.from({ length: side * side * 4 }, (_, i) => (i % 4 === 3 ? 255 : data[Math.floor(i / 4) * 3 + (i % 4)]!));
        return { pixels, width: side, height: side };
      },
      dispose: async () => {},
    };
    const { result } = await evaluateCoMove({ draw: regionMoves(runtime, { length: [0.2, 0.35] }), segmenter, numMoves: 40 });
    expect(result.counts['matched']).toBe(40);
    expect(Math.abs(result.value - 1)).toBeLessThan(0.05); // to a pixel
    const offset = (l: HeatmapLayout): number => l.levels[1]!.regions[0]!.center.x - l.levels[0]!.regions[0]!.center.x;
    expect(offset(seen[1]!)).toBeCloseTo(0.1, 12);
    expect(seen[1]!.levels[0]!.regions[0]!.center).not.toEqual({ x: 0.5, y: 0.5 });
  });
});
