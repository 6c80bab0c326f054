import '@tensorflow/tfjs-backend-cpu';
import { memory, ready, setBackend, tensor1d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { createStatCollector } from './stats.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

it('averages numbers and tensors over a tick, across a save through JSON, and holds no tensor afterwards', async () => {
  const before = memory().numTensors;
  const [whole, first, second] = [createStatCollector(), createStatCollector(), createStatCollector()];
  const report = (to: typeof whole, name: string, values: number[]): void => {
    const tensor = tensor1d(values);
    to.report(name, tensor);
    tensor.dispose();
  };
  for (const stats of [whole, first]) {
    report(stats, 'tensor', [1, 3]);
    stats.report('number', 4);
    report(stats, 'broken', [NaN]);
    stats.report('brokenNumber', NaN);
  }
  second.report('stale', 1);
  second.restore(JSON.parse(JSON.stringify(await first.save())));
  for (const stats of [whole, second]) {
    report(stats, 'tensor', [5]);
    stats.report('number', 8);
  }
  const means = await whole.read();
  expect(means).toEqual({ tensor: 3.5, number: 6, broken: NaN, brokenNumber: NaN });
  expect(await second.read()).toEqual(means);
  expect(await second.read()).toEqual({});
  first.dispose();
  expect(memory().numTensors).toBe(before);
});
