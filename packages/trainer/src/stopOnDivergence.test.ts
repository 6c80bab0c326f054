import { expect, it } from 'vitest';
import type { TrainerContext } from '@spatialgan/core';
import { stopOnDivergence } from './stopOnDivergence.js';

it('warns of losses that are not finite and gives up after some ticks in a row', () => {
  const warnings: string[] = [];
  const { onTick } = stopOnDivergence({ ticks: 2, warn: (text) => void warnings.push(text) });
  const tick = (stats: Record<string, number>): void => void onTick!({ kimg: 1.5, stats } as unknown as TrainerContext);
  const [fine, broken] = [{ 'Loss/G': 1, other: NaN }, { 'Loss/G': Infinity, 'Loss/D': NaN }];
  for (const stats of [fine, broken, fine, broken]) tick(stats);
  expect(warnings).toEqual(Array.from({ length: 2 }, () => 'kimg 1.500: G, D are not finite; the run ends if this lasts 2 ticks'));
  expect(() => tick(broken)).toThrow(/^kimg 1.500: G, D are not finite for 2 ticks: the training diverged; start again with a lower learning rate/);
});
