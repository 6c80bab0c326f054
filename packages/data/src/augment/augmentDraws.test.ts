import { createRng } from '@spatialgan/core';
import { expect, it } from 'vitest';
import { drawsFrom } from './augmentDraws.js';

it('gives a part of a batch what its samples get of the whole', () => {
  const drawn = (count: number, part?: { index: number; parts: number }) => {
    const draws = drawsFrom(createRng(2).split('augment', part));
    return { u: draws.uniform(count), pairs: draws.normal(count, 2), gates: draws.gate(count, 0.5) };
  };
  const [whole, part] = [drawn(6), drawn(2, { index: 1, parts: 3 })];
  const pick = <T>(values: readonly T[], ...at: number[]): T[] => at.map((i) => values[i]!);
  expect(part).toEqual({ u: pick(whole.u, 1, 4), pairs: pick(whole.pairs, 2, 3, 8, 9), gates: pick(whole.gates, 1, 4) });
});
