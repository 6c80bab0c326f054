import { add, concat, expandDims, matMul, mean, mul, reshape, type Tensor1D, type Tensor2D, type Tensor3D, tensor4d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, type DiscriminatorModel, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, type LossPlugin, type ParamTree } from '@spatialgan/core';
import type { HeatmapLayout } from '@spatialgan/schema';
import { nonSaturating } from './losses/nonSaturating.js';
import { r1 } from './losses/r1.js';
import { createTrainer, type Trainer } from './trainer.js';
import type { TrainerOptions, TrainingData } from './trainerOptions.js';

const size = 4;
const pixels = size * size;
const batch = 4;
type Params = Readonly<Record<string, Tensor2D | Tensor1D>>;

/** Two linear layers with noise, a heatmap's mean and a w_avg: all that a trainer has to carry, and nothing else. */
export function tinyGenerator(overrides: Partial<GeneratorModel> = {}): GeneratorModel {
  return {
    zDim: 3, wDim: 3, cDim: 0, numWs: 2, imgResolution: size, imgChannels: 1, heatmapResolutions: [size], regionStyles: false,
    init: (rng): ParamTree => ({
      embed: rng.split('embed').normalTensor<Tensor2D>([3, 3]),
      weight: rng.split('weight').normalTensor<Tensor2D>([6, pixels]),
      wAvg: rng.split('wAvg').normalTensor<Tensor1D>([3]),
    }),
    isBuffer: (path) => path === 'wAvg',
    map(params, z) {
      const w = expandDims(matMul(z, (params as Params)['embed'] as Tensor2D), 1);
      return concat([w, w], 1) as Tensor3D;
    },
    updateBuffers: (params, ws) => new Map([['wAvg', tidy(() => add(mul((params as Params)['wAvg']!, 0.9), mul(mean(ws, [0, 1]), 0.1)))]]),
    synthesize(params, ws, { heatmaps, rng, noiseMode }) {
      const N = ws.shape[0];
      const image = reshape(matMul(reshape(ws, [N, 6]) as Tensor2D, (params as Params)['weight'] as Tensor2D), [N, size, size, 1]);
      const shaped = add(image, mean(heatmaps.get(size)!, 3, true));
      return (noiseMode === 'random' && rng ? add(shaped, rng.normalTensor<Tensor4D>([N, size, size, 1])) : shaped) as Tensor4D;
    },
    ...overrides,
  };
}

/** One linear layer. */
export function tinyDiscriminator(overrides: Partial<DiscriminatorModel> = {}): DiscriminatorModel {
  return {
    imgResolution: size, cDim: 0, taps: [],
    init: (rng): ParamTree => ({ weight: rng.normalTensor<Tensor2D>([pixels, 1]) }),
    score: (params, images) => matMul(reshape(images, [-1, pixels]) as Tensor2D, (params as Params)['weight'] as Tensor2D),
    ...overrides,
  };
}

const sampler: HeatmapSampler = {
  name: 'oneRegion',
  sample(rng): HeatmapLayout {
    const center = { x: rng.uniform(), y: rng.uniform() };
    return { version: 1, levels: [{ resolutions: [size], regions: [{ id: 'a', kind: 'gaussian', center, covariance: [0.1, 0, 0.1], weight: 1 }] }] };
  },
};

/** A region's map has the height of its center's x everywhere. */
const renderer: HeatmapRenderer = {
  render(layouts) {
    const heights = layouts.flatMap(({ levels }) => new Array<number>(pixels).fill((levels[0]!.regions[0] as { center: { x: number } }).center.x));
    return new Map([[size, tensor4d(heights, [layouts.length, size, size, 1])]]);
  },
};

/** Batches that follow from their number alone. */
export function tinyData(start = 0): TrainingData {
  let next = start;
  return {
    next: async () => ({ images: createRng(next++).uniformTensor<Tensor4D>([batch, size, size, 1]) }),
    get cursor() {
      return { next };
    },
  };
}

/** A loss of G with a state that counts its evaluations. */
export function countingLoss(interval = 1): LossPlugin {
  return {
    name: 'counting', network: 'G', weight: 0.1, interval,
    init: () => ({ count: createRng(0).uniformTensor([1]) }),
    compute(phase, { state, report }) {
      const { images } = phase.fake();
      const count = add(state.count, mean(images));
      report('counting', count);
      return { loss: mean(mul(images, images)), state: { count } };
    },
  };
}

/** A whole run's options: 4 images a step, ticks of 3 steps, lazy R1, mixing, noise. */
export function tinyOptions(overrides: Partial<TrainerOptions> = {}): TrainerOptions {
  return {
    generator: tinyGenerator(), discriminator: tinyDiscriminator(), sampler, renderer,
    losses: [...nonSaturating(), r1({ gamma: 1, interval: 2 }), countingLoss()],
    data: tinyData(), seed: 5, styleMixingProb: 0.5, kimgPerTick: 0.012,
    ...overrides,
  };
}

/** Lends a tiny trainer and disposes it. */
export async function usingTrainer<T>(options: Partial<TrainerOptions>, use: (trainer: Trainer) => Promise<T>): Promise<T> {
  const trainer = createTrainer(tinyOptions(options));
  try {
    return await use(trainer);
  } finally {
    trainer.dispose();
  }
}
