import { expect, it } from 'vitest';
import type { TrainerContext } from '@spatialgan/core';
import { checkpointEvery } from './checkpointEvery.js';
import { reachesMultiple } from './kimgClock.js';

it('tells whether a multiple lies on the way, its end included and its start not', () => {
  const reaches = (from: number, to: number): boolean => reachesMultiple(0.1, { from, to });
  expect(reaches(0, 0.096)).toBe(false);
  expect(reaches(0.096, 0.104)).toBe(true);
  expect(reaches(0.1, 0.104)).toBe(false);
  expect(reaches(0.296, 0.3)).toBe(true); // 0.3 / 0.1 is below 3 in floats
  expect(reachesMultiple(0.0001, { from: 0, to: 0.004 })).toBe(true);
});

it('checkpoints lie on one grid wherever a run was resumed, and the last step is kept', async () => {
  const savedFrom = async (start: number, end: number): Promise<number[]> => {
    const saved: number[] = [];
    let kimg = start;
    const context = (): TrainerContext => ({ kimg, save: () => Promise.resolve({}) }) as unknown as TrainerContext;
    const plugin = checkpointEvery({ kimg: 0.02, save: async () => void saved.push(kimg) });
    await plugin.onStart!(context());
    for (kimg = start + 0.008; kimg <= end + 1e-9; kimg = Math.round((kimg + 0.008) * 1000) / 1000) await plugin.onStep!(context());
    kimg = end;
    await plugin.onEnd!(context(), { reason: 'finished' });
    await plugin.onEnd!(context(), { reason: 'error', error: new Error() });
    return saved;
  };
  expect(await savedFrom(0, 0.072)).toEqual([0.024, 0.04, 0.064, 0.072]);
  expect(await savedFrom(0.032, 0.072)).toEqual([0.04, 0.064, 0.072]);
});
