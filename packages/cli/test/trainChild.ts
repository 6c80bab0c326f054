// A training of everything that has a state, in a process that a test kills: BACKEND FOLDER STEPS.
import { createRuntime } from '@spatialgan/backends';
import { cpu } from '@spatialgan/backends/cpu';
import { wasm } from '@spatialgan/backends/wasm';
import { latestCheckpoint, saveRunCheckpoint } from '@spatialgan/checkpoint/node';
import type { TrainingSnapshot } from '@spatialgan/core';
import { type BatchCursor, batchStream, memoryDataset } from '@spatialgan/data';
import { augmentPipe } from '@spatialgan/data/augment';
import { buildModel, lossesOf, presetConfig } from '@spatialgan/model';
import { checkpointEvery, createTrainer, evaluateEvery } from '@spatialgan/trainer';

const [backend, dir, steps] = process.argv.slice(2) as [string, string, string];
await createRuntime({ prefer: [backend === 'cpu' ? cpu() : wasm()] });
const batch = 2;
const side = 8;
const { model: config, training } = presetConfig('paper', { imgResolution: side, batch, latentDim: 4, channelBase: 32, channelMax: 4 });
const model = buildModel(config);
const data = memoryDataset({ resolution: side, images: Array.from({ length: 7 }, (_, i) => Uint8Array.from({ length: side * side * 3 }, (_, j) => (i * 31 + j * 7) % 256)) });
const { checkpoint } = await latestCheckpoint<TrainingSnapshot['state']>(dir);
const cursor = checkpoint?.state.cursor as BatchCursor | undefined;
const trainer = createTrainer({
  ...model, seed: 4, styleMixingProb: 0.5, ema: { kimg: 0.1, rampup: 0.05 }, kimgPerTick: 0.006, divergence: { policy: 'skip' },
  losses: lossesOf({ ...training, r1: { gamma: 1, interval: 3 }, pathLength: { weight: 2, interval: 2 } }, model),
  augment: { pipe: augmentPipe('blit'), p: 0.1, ada: { target: 0.6, interval: 2, kimg: 0.05 } },
  data: batchStream(data, { batch, seed: 4, mirror: true, ...(cursor ? { cursor } : {}) }),
  plugins: [
    { name: 'tell', onStart: ({ step }) => console.log(`start ${step}`), onStep: ({ step }) => console.log(`step ${step}`) },
    evaluateEvery({ kimg: 0.008, metrics: { wobble: ({ step }) => Math.sin(step) } }),
    checkpointEvery({ kimg: 0.004, save: async (snapshot) => void (await saveRunCheckpoint(dir, snapshot, { keep: 2 })) }),
  ],
});
if (checkpoint) trainer.restore(checkpoint);
await trainer.run({ kimg: (Number(steps) * batch) / 1000 });
