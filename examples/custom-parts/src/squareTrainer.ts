import { tensor4d, type Tensor4D } from '@tensorflow/tfjs-core';
import { createRng, type TrainerPlugin } from '@spatialgan/core';
import { gaussianRenderer } from '@spatialgan/heatmap';
import { styleGan2Discriminator, styleGan2Generator } from '@spatialgan/stylegan2';
import { alignAttention, createTrainer, nonSaturating, r1, type Trainer } from '@spatialgan/trainer';
import { boxSampler, paintBox } from './boxSampler.js';
import { centroidAlignment } from './centroidAlignment.js';
import { energyExtractor } from './energyExtractor.js';
import { meanColor } from './meanColor.js';
import { shiftEncoder } from './shiftEncoder.js';

const size = 16;
const batch = 4;

/** Endless batches of grey images with one bright square each. */
async function* squares(seed: number): AsyncGenerator<Tensor4D> {
  for (let step = 0; ; step++) {
    const rng = createRng(seed).split(`${step}`);
    const pixels = new Float32Array(batch * size * size * 3).fill(-0.5);
    for (let n = 0; n < batch; n++) {
      const [left, top] = [rng.integer(size - 5), rng.integer(size - 5)];
      for (let y = top; y < top + 5; y++) pixels.fill(0.8, ((n * size + y) * size + left) * 3, ((n * size + y) * size + left + 5) * 3);
    }
    yield tensor4d(pixels, [batch, size, size, 3]);
  }
}

const widths = { imgResolution: size, channelBase: 256, channelMax: 16 };

/** A trainer whose encoder, sampler, extractor, alignment and one loss are this example's own. */
export function createSquareTrainer(plugins: readonly TrainerPlugin[] = []): Trainer {
  return createTrainer({
    generator: styleGan2Generator({
      ...widths, zDim: 16, wDim: 16, mapping: { numLayers: 2 },
      encoder: shiftEncoder(), heatmapChannels: { 4: 1, 8: 1 },
    }),
    discriminator: styleGan2Discriminator({ ...widths, mbstdGroupSize: batch }),
    sampler: boxSampler([4, 8]),
    renderer: gaussianRenderer({ kinds: { box: paintBox } }),
    losses: [
      ...nonSaturating(),
      r1({ gamma: 1, interval: 4 }),
      alignAttention({ extractor: energyExtractor(['b16']), loss: centroidAlignment(), resolutionOf: () => 8 }),
      meanColor([-0.4, -0.4, -0.4], 0.1),
    ],
    plugins,
    data: squares(1),
    seed: 7,
    kimgPerTick: 0.016,
  });
}
