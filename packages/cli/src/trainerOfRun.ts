import { join } from 'node:path';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import type { Communicator, LossPlugin, TrainerPlugin } from '@spatialgan/core';
import type { ImageDataset } from '@spatialgan/data';
import { encodePng } from '@spatialgan/data/node';
import { augmentOf, type BuiltModel, extractorOf } from '@spatialgan/model';
import {
  checkpointEvery, createTrainer, describeDivergence, type DivergenceOptions, enlarge, progressLine, snapshotEvery, statsLog, stopOnDivergence,
  tensorBoardLog, type TensorBoardLog, type Trainer, type TrainingData,
} from '@spatialgan/trainer';
import type { Output } from './output.js';
import type { RunFile } from './runFile.js';
import type { RunFolder } from './runFolder.js';

/** What a run's configuration was built into. */
export interface RunParts {
  readonly model: BuiltModel;
  readonly losses: readonly LossPlugin[];
  readonly data: TrainingData;
  /** Where the labels of the sheets are from. */
  readonly dataset: ImageDataset;
  /** Present when other threads share the batches. */
  readonly communicator?: Communicator | undefined;
  /** Further ones, e.g. metrics. */
  readonly plugins?: readonly TrainerPlugin[];
}

/** Labels of a sheet's rows: the classes one after the other, or, where labels are no classes, those of the first images. */
function sheetLabels({ cDim, length, label }: ImageDataset, count: number): readonly Float32Array[] {
  const labels = Array.from({ length: Math.min(length, 1000) }, (_, i) => label!(i));
  const isClass = labels.every((values) => values.every((value) => value === 0 || value === 1) && values.reduce((a, b) => a + b, 0) === 1);
  return Array.from({ length: count }, (_, i) => (isClass ? new Float32Array(cDim).fill(1, i % cDim, (i % cDim) + 1) : labels[i % labels.length]!));
}

/** What becomes of steps that are not finite. */
function divergenceOf({ onDivergence: policy = 'skip' }: RunFile['schedule'], warn: (text: string) => void): { readonly divergence?: DivergenceOptions } {
  return policy === 'zero' ? {} : { divergence: { policy, onDivergence: (event) => warn(describeDivergence(event)) } };
}

function sheetsOf({ dir, config }: RunFolder, { model, dataset }: RunParts, board: TensorBoardLog | undefined): TrainerPlugin {
  const { alignment } = config.run.training;
  const { generator, discriminator, sampler, renderer } = model;
  return snapshotEvery({
    kimg: config.schedule.snap, seed: config.seed, generator, discriminator, sampler, renderer,
    ...(alignment ? { extractor: extractorOf(alignment) } : {}),
    ...(generator.cDim > 0 ? { labels: sheetLabels(dataset, 8) } : {}),
    async write(sheet, kimg) {
      const shown = enlarge(sheet, Math.max(1, Math.floor(128 / generator.imgResolution)));
      const images = Math.round(kimg * 1000);
      const png = await encodePng(shown);
      await writeFileAtomic(join(dir, `fakes-${images.toString().padStart(8, '0')}.png`), png);
      await board?.writer.image(images, 'fakes', { png, width: shown.width, height: shown.height });
    },
  });
}

/** The options that all threads of a run share. */
export function trainerOptionsOf({ seed, schedule, split, run: { training } }: RunFile, { model, losses }: Pick<RunParts, 'model' | 'losses'>, warn: (text: string) => void) {
  const { generator, discriminator, sampler, renderer } = model;
  return {
    generator, discriminator, sampler, renderer, seed, losses,
    optimizer: { G: { lr: training.lrG }, D: { lr: training.lrD } },
    ema: training.ema,
    styleMixingProb: training.styleMixingProb,
    noiseMode: training.noiseMode,
    ...augmentOf(training),
    ...divergenceOf(schedule, warn),
    ...(split?.batchGpu === undefined ? {} : { batchGpu: split.batchGpu }),
    kimgPerTick: schedule.tick,
  };
}

/** A trainer that writes into a run's folder and tells its progress. */
export function trainerOfRun(run: RunFolder, parts: RunParts, output: Output): Trainer {
  const { schedule } = run.config;
  const board = schedule.tensorboard ? tensorBoardLog({ append: run.appendEvents }) : undefined;
  return createTrainer({
    ...trainerOptionsOf(run.config, parts, output.warn),
    data: parts.data,
    ...(parts.communicator ? { communicator: parts.communicator } : {}),
    plugins: [
      statsLog({ append: run.appendStats }),
      ...(board ? [board] : []),
      progressLine({ write: output.info, memoryBytes: () => process.memoryUsage.rss() }),
      stopOnDivergence({ warn: output.warn }),
      sheetsOf(run, parts, board),
      ...(parts.plugins ?? []),
      checkpointEvery({ kimg: schedule.checkpoint, save: run.save }),
    ],
  });
}
