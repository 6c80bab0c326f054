import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, expect, it } from 'vitest';
import { type BestEvaluation, evaluateEvery } from './evaluateEvery.js';
import { usingTrainer } from './tinyNetworks.test-kit.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

it('evaluates on its grid, awaits metrics, and saves what is the best so far', async () => {
  const fid = [5, 3, 4, NaN, 2];
  const lines: string[] = [];
  const saved: (readonly [BestEvaluation, number])[] = [];
  const evaluator = evaluateEvery({
    kimg: 0.008,
    metrics: { fid: async () => Promise.resolve(fid.shift()!), step: ({ step }) => step },
    write: ({ step, kimg, values }) => void lines.push(`${step} ${kimg} ${values['fid']} ${values['step']}`),
    saveBest: async ({ state }, best) => void saved.push([best, state.step]),
  });
  await usingTrainer({ plugins: [evaluator] }, (trainer) => trainer.run({ kimg: 0.044 }));
  expect(lines).toEqual(['2 0.008 5 2', '4 0.016 3 4', '6 0.024 4 6', '8 0.032 NaN 8', '10 0.04 2 10']);
  expect(saved.map(([{ value }, step]) => [value, step])).toEqual([[5, 2], [3, 4], [2, 10]]);
  expect(evaluator.best).toEqual({ metric: 'fid', value: 2, step: 10, kimg: 0.04 });
});

it('remembers the best over a restart, and forgets one of another metric', async () => {
  const create = (metric: string, value: number) => evaluateEvery({ kimg: 0.004, metrics: { [metric]: () => value }, best: { metric, better: 'higher' } });
  const snapshot = await usingTrainer({ plugins: [create('is', 7)] }, async (trainer) => {
    await trainer.run({ kimg: 0.008 });
    return trainer.save();
  });
  expect(snapshot.state.plugins).toEqual({ evaluateEvery: { best: { metric: 'is', value: 7, step: 1, kimg: 0.004 }, evaluatedAt: 0.008 } });
  const worse = create('is', 6);
  await usingTrainer({ plugins: [worse] }, async (trainer) => {
    trainer.restore(snapshot);
    await trainer.run({ kimg: 0.012 });
  });
  expect(worse.best).toMatchObject({ value: 7, step: 1 });
  const other = create('recall', 0.1);
  await usingTrainer({ plugins: [other] }, async (trainer) => trainer.restore(snapshot));
  expect(other.best).toBeUndefined();
});

it('wants a metric that there is', () => {
  expect(() => evaluateEvery({ kimg: 1, metrics: {} })).toThrow(/at least one metric, got ''/);
  expect(() => evaluateEvery({ kimg: 1, metrics: { fid: () => 1 }, best: { metric: 'kid', better: 'lower' } })).toThrow(/one of fid, got 'kid'/);
});
