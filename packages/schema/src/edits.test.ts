import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRegion, findRegion, levelOf, moveRegion, regionsOf, removeRegion, updateRegion, withDescendants } from './edits.js';
import type { GaussianRegion, HeatmapLayout } from './layout.js';

const region = (id: string, x: number, y: number, parentId?: string): GaussianRegion => ({
  id,
  kind: 'gaussian',
  center: { x, y },
  covariance: [0.04, 0, 0.04],
  weight: 1,
  ...(parentId === undefined ? {} : { parentId }),
});
const layout: HeatmapLayout = {
  version: 1,
  levels: [
    { resolutions: [4], regions: [region('root', 0.5, 0.5)] },
    { resolutions: [8], regions: [region('child', 0.25, 0.5, 'root'), region('free', 0.75, 0.75)] },
    { resolutions: [16], regions: [region('grandchild', 0.5, 0.25, 'child')] },
  ],
};

describe('moveRegion', () => {
  it('moves children and grandchildren by the same offset and nothing else', () => {
    const moved = moveRegion(layout, 'root', { x: 0.75, y: 0.25 });
    expect(regionsOf(moved).map(({ center }) => [center.x, center.y])).toEqual([
      [0.75, 0.25],
      [0.5, 0.25],
      [0.75, 0.75],
      [0.75, 0],
    ]);
  });

  it('leaves the parent where it is when a child moves', () => {
    const moved = moveRegion(layout, 'child', { x: 0, y: 0 });
    expect(findRegion(moved, 'root')).toEqual(findRegion(layout, 'root'));
    expect(findRegion(moved, 'grandchild')!.center).toEqual({ x: 0.25, y: -0.25 });
  });

  it('does not change the layout it is given', () => {
    const before = JSON.stringify(layout);
    moveRegion(layout, 'root', { x: 1, y: 1 });
    expect(JSON.stringify(layout)).toBe(before);
  });

  it('is undone by moving back, to rounding', () => {
    const coordinate = fc.double({ min: -1, max: 2, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        const back = moveRegion(moveRegion(layout, 'root', { x, y }), 'root', { x: 0.5, y: 0.5 });
        regionsOf(back).forEach(({ center }, i) => {
          expect(center.x).toBeCloseTo(regionsOf(layout)[i]!.center.x, 12);
          expect(center.y).toBeCloseTo(regionsOf(layout)[i]!.center.y, 12);
        });
      }),
    );
  });

  it('names an unknown region', () => {
    expect(() => moveRegion(layout, 'nobody', { x: 0, y: 0 })).toThrowError(/moveRegion.*'nobody'/);
  });
});

describe('other edits', () => {
  it('find a region and its level', () => {
    expect(levelOf(layout, 'grandchild')).toBe(2);
    expect(levelOf(layout, 'nobody')).toBe(-1);
    expect([...withDescendants(layout, 'root')]).toEqual(['root', 'child', 'grandchild']);
  });

  it('update one region only', () => {
    const faded = updateRegion(layout, 'child', { weight: 0.5 });
    expect(findRegion(faded, 'child')!.weight).toBe(0.5);
    expect(findRegion(faded, 'root')).toBe(findRegion(layout, 'root'));
  });

  it('add to a level and refuse a taken id or a missing level', () => {
    expect(addRegion(layout, 1, region('new', 0, 0)).levels[1]!.regions).toHaveLength(3);
    expect(() => addRegion(layout, 1, region('root', 0, 0))).toThrowError(/'root' is taken/);
    expect(() => addRegion(layout, 3, region('new', 0, 0))).toThrowError(/level in 0\.\.2, got 3/);
  });

  it('remove a region and free its children', () => {
    const without = removeRegion(layout, 'root');
    expect(findRegion(without, 'root')).toBeUndefined();
    expect(findRegion(without, 'child')!.parentId).toBeUndefined();
    expect(findRegion(without, 'grandchild')!.parentId).toBe('child');
  });
});
