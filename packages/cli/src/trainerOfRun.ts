import { join } from 'node:path';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import type { LossPlugin, TrainerPlugin } from '@spatialgan/core';
import { encodePng } from '@spatialgan/data/node';
import { augmentOf, type BuiltModel, extractorOf } from '@spatialgan/model';
import {
  checkpointEvery, createTrainer, enlarge, progressLine, snapshotEvery, statsLog, stopOnDivergence, type Trainer, type TrainingData,
} from '@spatialgan/trainer';
import type { Output } from './output.js';
import type { RunFolder } from './runFolder.js';

/** What a run's configuration was built into. */
export interface RunParts {
  readonly model: BuiltModel;
  readonly losses: readonly LossPlugin[];
  readonly data: TrainingData;
}

function sheetsOf({ dir, config }: RunFolder, { model }: RunParts): TrainerPlugin {
  const { alignment } = config.run.training;
  const { generator, discriminator, sampler, renderer } = model;
  return snapshotEvery({
    kimg: config.schedule.snap, seed: config.seed, generator, discriminator, sampler, renderer,
    ...(alignment ? { extractor: extractorOf(alignment) } : {}),
    async write(sheet, kimg) {
      const factor = Math.max(1, Math.floor(128 / generator.imgResolution));
      const name = `fakes-${Math.round(kimg * 1000).toString().padStart(8, '0')}.png`;
      await writeFileAtomic(join(dir, name), await encodePng(enlarge(sheet, factor)));
    },
  });
}

/** A trainer that writes into a run's folder and tells its progress. */
export function trainerOfRun(run: RunFolder, parts: RunParts, output: Output): Trainer {
  const { seed, schedule, run: { training } } = run.config;
  const { generator, discriminator, sampler, renderer } = parts.model;
  return createTrainer({
    generator, discriminator, sampler, renderer, seed,
    data: parts.data,
    losses: parts.losses,
    optimizer: { G: { lr: training.lrG }, D: { lr: training.lrD } },
    ema: training.ema,
    styleMixingProb: training.styleMixingProb,
    noiseMode: training.noiseMode,
    ...augmentOf(training),
    kimgPerTick: schedule.tick,
    plugins: [
      statsLog({ append: run.appendStats }),
      progressLine({ write: output.info, memoryBytes: () => process.memoryUsage.rss() }),
      stopOnDivergence({ warn: output.warn }),
      sheetsOf(run, parts),
      checkpointEvery({ kimg: schedule.checkpoint, save: run.save }),
    ],
  });
}
