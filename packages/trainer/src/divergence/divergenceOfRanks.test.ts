import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { sharedCommunicator, sharedMemory } from '../sharedCommunicator.js';
import { type FaultyOutcome, type FaultyRank, trainFaulty } from './faultyRank.test-kit.js';

const script = JSON.stringify(new URL('./faultyRank.test-kit.ts', import.meta.url).href);

/** A run of two ranks, of which the second alone breaks. */
async function trainTwo(common: Omit<FaultyRank, 'isFaulty'>): Promise<readonly [FaultyOutcome, FaultyOutcome]> {
  const memory = sharedMemory(2);
  const other = new Worker(`import('tsx/esm/api').then(({ register }) => (register(), import(${script})));`, {
    eval: true, execArgv: ['--conditions=spatialgan-source'], workerData: { ...common, isFaulty: true, memory },
  });
  const told = once(other, 'message') as Promise<[FaultyOutcome]>;
  const own = await trainFaulty({ ...common, isFaulty: false }, sharedCommunicator(memory, { rank: 0 }));
  const [others] = await told;
  await other.terminate();
  return [own, others];
}

const distance = (a: readonly number[], b: readonly number[]): number => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe('a loss that is not finite on one of two ranks', () => {
  it.each([
    ['skip', [2, 3], 6],
    ['rollback', [5], 8],
  ] as const)('is undone on both with %s, and both go on as one process does', async (policy, at, steps) => {
    const [own, others] = await trainTwo({ policy, at, steps });
    const alone = await trainFaulty({ policy, at, steps, isFaulty: true });
    expect(own.error).toBeUndefined();
    expect(own.step).toBe(steps);
    expect(others.weights).toEqual(own.weights);
    expect(distance(own.weights, alone.weights)).toBeLessThan(1e-6);
    expect(own.events.map(({ step }) => step)).toEqual(at);
    expect(others.events).toEqual(own.events);
    // Rank 0 names what broke on rank 1; of itself it sees the sums break, in a Multiply.
    for (const event of own.events) expect(event).toMatchObject({ phase: 'Gmain', action: policy, tensor: expect.stringMatching(/^forward Log/) as string });
    if (policy === 'rollback') expect(own.events[0]!.backTo).toBe(alone.events[0]!.backTo);
  }, 120_000);

  it('ends the run on both with stop, before the step', async () => {
    const [own, others] = await trainTwo({ policy: 'stop', at: [3], steps: 9 });
    const whole = await trainFaulty({ policy: 'stop', at: [], steps: 3, isFaulty: true });
    for (const outcome of [own, others]) {
      expect(outcome.error).toMatch(/^step 3 \(kimg 0\.012\), Gmain: forward Log.* the run ends/);
      expect(outcome.step).toBe(3);
      expect(distance(outcome.weights, whole.weights)).toBeLessThan(1e-6);
    }
  }, 120_000);
});
