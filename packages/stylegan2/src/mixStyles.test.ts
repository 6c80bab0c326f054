import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, tensor3d } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawMixingCutoff, mixStyles } from './mixStyles.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

describe('mixStyles', () => {
  const first = (): ReturnType<typeof tensor3d> => tensor3d([1, 2, 3, 4, 5, 6], [2, 3, 1]);
  const second = (): ReturnType<typeof tensor3d> => tensor3d([10, 20, 30, 40, 50, 60], [2, 3, 1]);
  const mixed = (cutoff: number): number[] => [...mixStyles(first(), second(), cutoff).dataSync()];

  it('takes the layers before the cutoff from the first sample', () => {
    expect(mixed(1)).toEqual([1, 20, 30, 4, 50, 60]);
    expect(mixed(0)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(mixed(3)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('returns a fresh tensor, also where nothing is mixed', () => {
    const a = first();
    mixStyles(a, second(), 3).dispose();
    expect(a.isDisposed).toBe(false);
  });

  it('refuses other cutoffs and other shapes', () => {
    expect(() => mixed(4)).toThrow(/cutoff must be an integer in \[0, 3\], got 4/);
    expect(() => mixStyles(first(), tensor3d([1], [1, 1, 1]), 1)).toThrow(/expected \[2,3,1\]/);
  });
});

describe('drawMixingCutoff', () => {
  it('is uniform in [1, numWs) with the given probability, else numWs', () => {
    const rng = createRng(3);
    const counts = new Map<number, number>();
    for (let i = 0; i < 9000; i++) {
      const cutoff = drawMixingCutoff(rng, 5, 0.8);
      counts.set(cutoff, (counts.get(cutoff) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5]);
    for (const count of counts.values()) expect(Math.abs(count - 1800)).toBeLessThan(5 * Math.sqrt(9000 * 0.16));
  });

  it('never mixes at probability 0 and always at 1', () => {
    const rng = createRng(4);
    for (let i = 0; i < 200; i++) {
      expect(drawMixingCutoff(rng, 5, 0)).toBe(5);
      expect(drawMixingCutoff(rng, 5, 1)).toBeLessThan(5);
    }
  });
});
