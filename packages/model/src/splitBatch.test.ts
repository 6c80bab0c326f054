import { ready, type Tensor4D } from '@tensorflow/tfjs-core';
import { wasm } from '@spatialgan/backends/wasm';
import { createRng, type TrainingSnapshot } from '@spatialgan/core';
import { curveDifference, relativeDistance } from '@spatialgan-internal/test-kit';
import { createTrainer, type TrainingData } from '@spatialgan/trainer';
import { beforeAll, expect, it } from 'vitest';
import { augmentOf, buildModel, lossesOf } from './buildModel.js';
import type { TrainingConfig } from './modelConfig.js';
import { paperConfig } from './paperConfigs.js';
import { presetConfig, type RunConfig } from './presets.js';

const size = { imgResolution: 8, batch: 8, latentDim: 4, channelBase: 32, channelMax: 4 };
const batch = 8;

beforeAll(async () => {
  await wasm().activate();
  await ready();
});

/** Everything a trainer has to keep equal: mixing, noise, ADA, lazy losses of both networks. */
const everything = ({ model, training }: RunConfig, change: Partial<TrainingConfig> = {}): RunConfig => ({
  model,
  training: {
    ...training, styleMixingProb: 0.5, pathLength: { weight: 2, interval: 2 }, r1: { gamma: 1, interval: 2 },
    augment: { pipe: 'bgcfnc', p: 0.5, target: 0.6 }, ...change,
  },
});

/** Batches that follow from their number alone. */
function numberedBatches(): TrainingData {
  let next = 0;
  return { next: async () => ({ images: createRng(next++).uniformTensor<Tensor4D>([batch, 8, 8, 3]) }) };
}

async function trained({ model: config, training }: RunConfig, steps: number, batchGpu?: number): Promise<TrainingSnapshot> {
  const model = buildModel(config);
  const trainer = createTrainer({
    ...model, losses: lossesOf(training, model), data: numberedBatches(), seed: 3, ...(batchGpu === undefined ? {} : { batchGpu }),
    ema: training.ema, styleMixingProb: training.styleMixingProb, ...augmentOf(training),
  });
  await trainer.run({ kimg: (steps * batch) / 1000 });
  const snapshot = await trainer.save();
  trainer.dispose();
  return snapshot;
}

const runs: readonly (readonly [string, RunConfig, number])[] = [
  ['paper', everything(presetConfig('paper', size)), 3],
  ['reference', everything(presetConfig('reference', size)), 3],
  // One step: later on, rounding may decide which of two regions is the nearest.
  ['indoor/sel-align', everything(paperConfig('indoor/sel-align', size)), 1],
];

it.each(runs)('a batch of 8 in two parts of 4 trains %s as at once: weights, averages, moments, path length, p', async (_, run, steps) => {
  const [whole, parts] = [await trained(run, steps), await trained(run, steps, 4)];
  expect(Object.keys(parts.groups)).toEqual(Object.keys(whole.groups));
  for (const [name, group] of Object.entries(whole.groups)) {
    // Moments are those of single gradients, weights what the issue is about.
    expect(relativeDistance(group, parts.groups[name]!), name).toBeLessThan(name.startsWith('adam') ? 1e-5 : 1e-6);
  }
  expect(parts.state.augment).toEqual(whole.state.augment);
  const meansOf = ({ state }: TrainingSnapshot) => Object.fromEntries(Object.entries(state.stats!).map(([name, { count, total, tensor = 0 }]) => [name, (total + tensor) / count]));
  const { worst, where } = curveDifference([meansOf(whole)], [meansOf(parts)]);
  expect(worst, where).toBeLessThan(1e-5);
}, 120_000);

it('refuses parts that cut the minibatch deviation, or do not divide the batch', async () => {
  const run = presetConfig('paper', size);
  await expect(trained(run, 1, 2)).rejects.toThrow(/whole groups of 4 .* got parts of 2; give a multiple of 4 as batchGpu/);
  await expect(trained(run, 1, 3)).rejects.toThrow(/divides into parts of 3, got 8/);
  const alone = { ...run, model: { ...run.model, discriminator: { ...run.model.discriminator, mbstdGroupSize: null } } };
  await expect(trained(alone, 1, 4)).rejects.toThrow(/scores the whole batch together/);
});
