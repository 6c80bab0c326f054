import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveRunCheckpoint } from '@spatialgan/checkpoint/node';
import { batchStream, type BatchCursor, type ImageDataset } from '@spatialgan/data';
import { gradCam } from '@spatialgan/gradcam';
import { gaussianRenderer, hierarchicalSampler } from '@spatialgan/heatmap';
import { selNorm } from '@spatialgan/sel';
import { styleGan2Discriminator, styleGan2Generator } from '@spatialgan/stylegan2';
import { alignAttention, checkpointEvery, createTrainer, evaluateEvery, l1Alignment, r1, statsLog, tensorBoardLog, type Trainer } from '@spatialgan/trainer';
import { colorDistance } from './colorDistance.js';
import { hinge } from './hinge.js';

/** Trains on a data set into a folder; with a cursor the data go on where a checkpoint left them. */
export function customTrainer(data: ImageDataset, dir: string, cursor?: BatchCursor): Trainer {
  const size = { imgResolution: data.resolution, channelBase: 16 * data.resolution, channelMax: 16 };
  const steering = { encoder: selNorm(), heatmapChannels: { 4: 1, 8: 2, 16: 4 } };
  const networks = {
    generator: styleGan2Generator({ ...size, ...steering, zDim: 16, wDim: 16, mapping: { numLayers: 2 } }),
    discriminator: styleGan2Discriminator({ ...size, mbstdGroupSize: 4 }),
    sampler: hierarchicalSampler(),
    renderer: gaussianRenderer(),
  };
  const evaluator = evaluateEvery({
    kimg: 0.016, metrics: { color: colorDistance(data, networks) },
    saveBest: async (snapshot, best) => void (await saveRunCheckpoint(dir, snapshot, { best })),
  });
  const align = alignAttention({ extractor: gradCam({ targets: ['b16'] }), loss: l1Alignment(), resolutionOf: () => 8 });
  return createTrainer({
    ...networks, losses: [...hinge(), r1({ gamma: 1 }), align], seed: 1, kimgPerTick: 0.008, divergence: { policy: 'rollback', steps: 50 },
    data: batchStream(data, { batch: 4, seed: 1, ...(cursor ? { cursor } : {}) }),
    plugins: [
      statsLog({ append: (line) => appendFile(join(dir, 'stats.jsonl'), line) }),
      tensorBoardLog({ append: (bytes) => appendFile(join(dir, 'events.out.tfevents.1'), bytes) }),
      evaluator,
      checkpointEvery({ kimg: 0.016, save: async (snapshot) => void (await saveRunCheckpoint(dir, snapshot)) }),
    ],
  });
}
