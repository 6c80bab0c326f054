import '@tensorflow/tfjs-backend-cpu';
import { engine, setBackend, type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { type AttentionPair, evaluateAttention } from './evaluateAttention.js';

beforeAll(async () => {
  await setBackend('cpu');
});

/** Image i attends where it should when i is even, elsewhere when it is odd. */
function draw(begin: number, count: number): Readonly<Record<string, AttentionPair>> {
  const maps = (value: (i: number) => readonly number[]): Tensor4D =>
    tensor4d(Array.from({ length: count }, (_, n) => value(begin + n)).flat(), [count, 2, 2, 1]);
  return { b8: { attention: maps((i) => (i % 2 === 0 ? [1, 0, 0, 0] : [0, 0, 0, 1])), heatmap: maps(() => [1, 0, 0, 0]) } };
}

it('averages over images, fills the last batch up without counting it, and leaves no tensor', async () => {
  const before = engine().state.numTensors;
  const [result] = await evaluateAttention({ draw, numImages: 10, seed: 3, batch: 4 });
  expect(engine().state.numTensors).toBe(before);
  // Correlation of two maps with one peak each, at different places: -1/3.
  expect(result!.value).toBeCloseTo((1 - 1 / 3) / 2, 12);
  expect(result!.interval!.low).toBeLessThan(result!.value);
  expect(result).toMatchObject({ metric: 'attentionConsistency', counts: { images: 10 }, seed: 3, details: { level: 'b8', overlap: 0.5, peakInside: 0.5 } });
  const [whole] = await evaluateAttention({ draw, numImages: 10, seed: 3, batch: 10 });
  expect(whole!.value).toBe(result!.value);
});

it('wants images, and stops when told', async () => {
  await expect(evaluateAttention({ draw, numImages: 0, seed: 0 })).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(evaluateAttention({ draw, seed: 0, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
});
