import { expect, it } from 'vitest';
import { sharedCommunicator, sharedMemory } from './sharedCommunicator.js';

const ranksOf = (size: number, chunkBytes = 16) => {
  const memory = sharedMemory(size, { chunkBytes });
  return Array.from({ length: size }, (_, rank) => sharedCommunicator(memory, { rank }));
};

it('adds in the order of the ranks, in pieces and again and again, to the same bits for all', async () => {
  const ranks = ranksOf(3);
  // In float32 (1 + 1e8) - 1e8 is 0: another order would give 1.
  const terms = [1, 1e8, -1e8];
  for (let round = 0; round < 5; round++) {
    const values = terms.map((term) => Float32Array.from({ length: 11 }, (_, i) => (i < 10 ? term : round)));
    await Promise.all(ranks.map((rank, i) => rank.allReduce(values[i]!)));
    for (const each of values) expect([...each]).toEqual([...new Array<number>(10).fill(0), 3 * round]);
  }
});

it("broadcasts rank 0's bytes and lets nobody pass a barrier alone", async () => {
  const ranks = ranksOf(2);
  const bytes = ranks.map(({ rank }) => Uint8Array.from({ length: 40 }, (_, i) => (rank === 0 ? i : 255)));
  await Promise.all(ranks.map((rank, i) => rank.broadcast(bytes[i]!)));
  expect(bytes[1]).toEqual(bytes[0]);
  const passed: number[] = [];
  const first = ranks[0]!.barrier().then(() => passed.push(0));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(passed).toEqual([]);
  await Promise.all([first, ranks[1]!.barrier()]);
  expect(passed).toEqual([0]);
});

it('ends for all ranks when one fails, waiting or later, and when they fell out of step', async () => {
  const [a, b] = ranksOf(2) as [ReturnType<typeof sharedCommunicator>, ReturnType<typeof sharedCommunicator>];
  const waiting = a.allReduce(new Float32Array(3));
  b.fail('out of memory');
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', message: expect.stringContaining('another rank has ended') as string });
  await expect(b.barrier()).rejects.toThrow(/out of memory/);
  const [c, d] = ranksOf(2) as [ReturnType<typeof sharedCommunicator>, ReturnType<typeof sharedCommunicator>];
  const results = await Promise.allSettled([c.allReduce(new Float32Array(3)), d.allReduce(new Float32Array(2))]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(() => sharedMemory(0)).toThrow(/whole size ≥ 1/);
});
