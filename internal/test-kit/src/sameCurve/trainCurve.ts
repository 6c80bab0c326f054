import { add, mul, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, type TrainingSnapshot } from '@spatialgan/core';
import { buildModel, lossesOf, presetConfig, type RunConfig } from '@spatialgan/model';
import { createTrainer, type Trainer, type TrainingData } from '@spatialgan/trainer';
import type { Curve } from '../curveDifference.js';

const BATCH = 4;
const SEED = 11;

/** The paper's preset, tiny: alignment at every step, R1 at every fifth. */
function configuration(): RunConfig {
  const { model, training } = presetConfig('paper', {
    imgResolution: 8, batch: BATCH, channelBase: 64, channelMax: 16, latentDim: 16, mappingLayers: 2,
  });
  return {
    model: { ...model, encoder: { kind: 'norm', preset: 'paper', hidden: 8 } },
    training: { ...training, r1: { gamma: 1, interval: 5 } },
  };
}

/** Seeded pictures: one stream a batch, so that the order of reading does not matter. */
function pictures(size: number, start: number): TrainingData {
  const rng = createRng(SEED).split('pictures');
  let count = start;
  return {
    async next() {
      const noise = rng.split(`${count++}`).uniformTensor<Tensor4D>([BATCH, size, size, 3]);
      const images = tidy(() => add(mul(noise, 2), -1) as Tensor4D);
      noise.dispose();
      return { images };
    },
    get cursor() {
      return count;
    },
  };
}

function createCurveTrainer(curve: Record<string, number>[], start = 0): Trainer {
  const { model: config, training } = configuration();
  const model = buildModel(config);
  const { generator, discriminator, sampler, renderer } = model;
  return createTrainer({
    generator, discriminator, sampler, renderer, losses: lossesOf(training, model), data: pictures(config.generator.imgResolution, start),
    seed: SEED, optimizer: { G: { lr: training.lrG }, D: { lr: training.lrD } }, ema: training.ema,
    styleMixingProb: training.styleMixingProb, noiseMode: training.noiseMode, kimgPerTick: BATCH / 1000,
    plugins: [{ name: 'curve', onTick: ({ stats }) => void curve.push({ ...stats }) }],
  });
}

/** Trains `steps` steps on the active backend and tells the curve. Leaves no tensors. */
export async function trainCurve(steps: number): Promise<Curve> {
  const curve: Record<string, number>[] = [];
  const trainer = createCurveTrainer(curve);
  try {
    await trainer.run({ kimg: (steps * BATCH) / 1000 });
  } finally {
    trainer.dispose();
  }
  return curve;
}

/** The state after `steps` steps on the active backend, from the start or from an earlier state. */
export async function trainedState(steps: number, from?: TrainingSnapshot): Promise<TrainingSnapshot> {
  const trainer = createCurveTrainer([], from?.state.cursor as number | undefined);
  try {
    if (from) trainer.restore(from);
    await trainer.run({ kimg: ((steps + (from?.state.step ?? 0)) * BATCH) / 1000 });
    return await trainer.save();
  } finally {
    trainer.dispose();
  }
}
