import { describe, expect, it } from 'vitest';
import { isSpatialGANError } from './errors.js';
import { validateLayout } from './validateLayout.js';

const valid = () => ({
  version: 1,
  levels: [
    {
      resolutions: [4] as unknown,
      regions: [
        { id: 'a', kind: 'gaussian', center: { x: 0.5, y: 2 }, covariance: [0.04, 0, 0.04], weight: 1 },
        { id: 'b', kind: 'gaussian', center: { x: 0, y: 0 }, covariance: [0.04, 0, 0.04], weight: 0, parentId: 'a' },
      ] as Record<string, unknown>[],
    },
  ],
});

describe('validateLayout', () => {
  it('returns a layout as it is, centers outside the image included', () => {
    const layout = valid();
    expect(validateLayout(layout)).toBe(layout);
    expect(validateLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout);
  });

  it.each<[string, (layout: ReturnType<typeof valid>) => unknown, RegExp]>([
    ['no object', () => null, /layout: expected an object/],
    ['another version', (l) => ({ ...l, version: 2 }), /\.version: expected 1, got 2/],
    ['no levels', (l) => ({ ...l, levels: [] }), /at least one level/],
    ['a resolution that is none', (l) => ((l.levels[0]!.resolutions = [0.5]), l), /resolutions\[0\]/],
    ['an infinite center', (l) => ((l.levels[0]!.regions[0]!['center'] = { x: 1 / 0, y: 0 }), l), /center\.x: expected a finite/],
    ['a weight above 1', (l) => ((l.levels[0]!.regions[1]!['weight'] = 1.5), l), /regions\[1\]\.weight.*got 1\.5/],
    ['a covariance that is none', (l) => ((l.levels[0]!.regions[0]!['covariance'] = [1, 2, 1]), l), /positive definite/],
    ['the same id twice', (l) => ((l.levels[0]!.regions[1]!['id'] = 'a'), l), /no other region has/],
    ['an unknown parent', (l) => ((l.levels[0]!.regions[1]!['parentId'] = 'x'), l), /parentId of this layout/],
    ['parents in a circle', (l) => ((l.levels[0]!.regions[0]!['parentId'] = 'b'), l), /without a cycle/],
  ])('refuses %s and names the place', (_name, spoil, message) => {
    let error: unknown;
    try {
      validateLayout(spoil(valid()));
    } catch (caught) {
      error = caught;
    }
    expect(isSpatialGANError(error, 'LAYOUT')).toBe(true);
    expect((error as Error).message).toMatch(message);
  });
});
