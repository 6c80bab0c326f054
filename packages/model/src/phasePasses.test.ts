import { engine, setBackend, type Tensor4D } from '@tensorflow/tfjs-core';
import { cpu } from '@spatialgan/backends/cpu';
import { wasm } from '@spatialgan/backends/wasm';
import { type Communicator, createRng, type TrainingSnapshot } from '@spatialgan/core';
import { createTrainer, type Trainer, type TrainerOptions } from '@spatialgan/trainer';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { buildModel, lossesOf } from './buildModel.js';
import { paperConfig } from './paperConfigs.js';
import { presetConfig, type RunConfig } from './presets.js';

const size = { imgResolution: 8, batch: 8, latentDim: 4, channelBase: 32, channelMax: 4 };
const batch = 8;

beforeAll(async () => {
  await cpu().activate();
  await wasm({ threads: 1 }).activate();
});

/** Mixing, noise and the lazy losses of both networks, each due often enough to be recorded, compared and run again. */
const everything = ({ model, training }: RunConfig): RunConfig => ({
  model, training: { ...training, styleMixingProb: 0.5, pathLength: { weight: 2, interval: 2 }, r1: { gamma: 1, interval: 2 } },
});

function trainerOf({ model: config, training }: RunConfig, options: Partial<TrainerOptions>): Trainer {
  const model = buildModel(config);
  let next = 0;
  return createTrainer({
    ...model, losses: lossesOf(training, model), seed: 3, ema: training.ema, styleMixingProb: training.styleMixingProb,
    data: { next: async () => ({ images: createRng(next++).uniformTensor<Tensor4D>([batch, 8, 8, 3]) }) },
    ...options,
  });
}
const kimgOf = (steps: number): number => (steps * batch) / 1000;

/** Two trainers in one thread that share each batch. */
function twoRanks(): readonly [Communicator, Communicator] {
  let waiting: { readonly values: Float32Array | Uint8Array; readonly rank: number; done(): void } | undefined;
  const meet = (rank: number, values: Float32Array | Uint8Array, combine: (byRank: readonly [typeof values, typeof values]) => void): Promise<void> => {
    const other = waiting;
    if (!other) return new Promise((resolve) => (waiting = { values, rank, done: resolve }));
    waiting = undefined;
    combine(other.rank === 0 ? [other.values, values] : [values, other.values]);
    other.done();
    return Promise.resolve();
  };
  const rankOf = (rank: number): Communicator => ({
    rank, size: 2,
    allReduce: (values) => meet(rank, values, ([a, b]) => {
      const sums = (a as Float32Array).map((value, i) => value + b[i]!);
      a.set(sums);
      b.set(sums);
    }),
    barrier: () => meet(rank, new Float32Array(0), () => {}),
    broadcast: (values) => meet(rank, values, ([from, to]) => void to.set(from)),
  });
  return [rankOf(0), rankOf(1)];
}

/** What a run of so many steps saves, and the kernels that the engine ran for it. */
async function trained(run: RunConfig, steps: number, options: Partial<TrainerOptions> & { readonly ranks?: boolean } = {}): Promise<TrainingSnapshot & { readonly kernels: number }> {
  const { ranks = false, ...rest } = options;
  const trainers = (ranks ? twoRanks() : [undefined]).map((communicator) => trainerOf(run, { ...rest, ...(communicator && { communicator }) }));
  const kernels = vi.spyOn(Object.getPrototypeOf(engine()) as ReturnType<typeof engine>, 'runKernel');
  await Promise.all(trainers.map((trainer) => trainer.run({ kimg: kimgOf(steps) })));
  const made = kernels.mock.calls.length;
  kernels.mockRestore();
  const snapshot = await trainers[0]!.save();
  trainers.forEach((trainer) => trainer.dispose());
  return { ...snapshot, kernels: made };
}

const numbersOf = ({ groups, state }: TrainingSnapshot) => ({
  groups: Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, Object.fromEntries([...group].map(([path, { data }]) => [path, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')]))])),
  state,
});

const runs: readonly (readonly [string, RunConfig])[] = [
  ['reference', everything(presetConfig('reference', size))],
  ['indoor/sel-align', everything(paperConfig('indoor/sel-align', size))],
  ['paper', everything(presetConfig('paper', size))],
];
const steps = 8;

for (const backend of ['cpu', 'wasm'])
  describe(`recorded passes on ${backend}`, { timeout: 240_000 }, () => {
    beforeAll(async () => {
      await setBackend(backend);
    });

    it.each(backend === 'cpu' ? runs.slice(1) : runs)('train %s to the same bits as the engine: weights, moments, averages, path length, statistics', async (_, run) => {
      const [plain, recorded] = [await trained(run, steps, { recordPasses: false }), await trained(run, steps)];
      expect(numbersOf(recorded)).toEqual(numbersOf(plain));
      // Each phase runs through the engine twice, of eight or four times.
      expect(recorded.kernels / plain.kernels).toBeLessThan(0.7);
    });

    if (backend === 'wasm') it('train in parts, and shared by two ranks, to the same bits as the engine', async () => {
      const run = runs[0]![1];
      for (const way of [{ batchGpu: 4 }, { ranks: true }]) {
        const [plain, recorded] = [await trained(run, steps, { ...way, recordPasses: false }), await trained(run, steps, way)];
        expect(numbersOf(recorded)).toEqual(numbersOf(plain));
        expect(recorded.kernels / plain.kernels).toBeLessThan(0.7);
      }
    });
  });
