import { join } from 'node:path';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { SpatialGANError, type TrainingSnapshot } from '@spatialgan/core';
import { batchStream, type BatchCursor } from '@spatialgan/data';
import { encodePng } from '@spatialgan/data/node';
import { buildModel, extractorOf, lossesOf, type PresetName, presetConfig } from '@spatialgan/model';
import { checkpointEvery, createTrainer, enlarge, progressLine, snapshotEvery, statsLog, type Trainer } from '@spatialgan/trainer';
import { openBackend } from '../openBackend.js';
import { type DataConfig, openDataset } from '../openDataset.js';
import type { Output } from '../output.js';
import { createRunFolder, openRunFolder, type RunFile, type RunFolder } from '../runFolder.js';

/** Options of `spatialgan train`, as commander gives them. */
export interface TrainOptions {
  readonly data?: string;
  readonly outdir: string;
  readonly resolution: number;
  readonly preset: PresetName;
  readonly batch: number;
  readonly kimg: number;
  readonly seed: number;
  readonly backend: string;
  readonly resume?: string;
  readonly onBad: 'skip' | 'refuse';
  readonly mirror: boolean;
  readonly latentDim: number;
  readonly channelBase?: number;
  readonly channelMax: number;
  readonly lr: number;
  readonly gamma?: number;
  readonly alignWeight: number;
  readonly centerDeviation?: number;
  readonly init?: string;
  readonly tick: number;
  readonly snap: number;
  readonly checkpoint: number;
}

function configOf(options: TrainOptions, command: readonly string[]): RunFile {
  if (options.data === undefined) {
    throw new SpatialGANError('CONFIG', "train: expected --data FOLDER, ZIP or 'avatars' (or --resume RUN), got neither");
  }
  const { model, training } = presetConfig(options.preset, {
    imgResolution: options.resolution,
    batch: options.batch,
    latentDim: options.latentDim,
    channelMax: options.channelMax,
    ...(options.channelBase === undefined ? {} : { channelBase: options.channelBase }),
  });
  const { alignment, r1 } = training;
  const { centerDeviation: deviation } = options;
  const { data: source, resolution, onBad, mirror } = options;
  return {
    version: 1,
    run: {
      model: deviation === undefined ? model : { ...model, sampler: { ...model.sampler, deviation } },
      training: {
        ...training,
        lrG: options.lr,
        lrD: options.lr,
        r1: { ...r1, gamma: options.gamma ?? r1.gamma },
        alignment: alignment && { ...alignment, weight: options.alignWeight },
      },
    },
    data: { source, resolution, onBad, mirror } satisfies DataConfig,
    seed: options.seed,
    kimgPerTick: options.tick,
    command,
  };
}

async function openRun(options: TrainOptions, command: readonly string[], output: Output) {
  if (options.resume === undefined) {
    return { run: await createRunFolder(options.outdir, configOf(options, command)), snapshot: undefined };
  }
  const run = await openRunFolder(options.resume);
  const loaded = await run.load();
  loaded?.notes.forEach(output.warn);
  return { run, snapshot: loaded?.snapshot };
}

function assembleTrainer(run: RunFolder, data: ReturnType<typeof batchStream>, options: TrainOptions, output: Output): Trainer {
  const { training } = run.config.run;
  const model = buildModel(run.config.run.model);
  const { generator, discriminator, sampler, renderer } = model;
  return createTrainer({
    generator, discriminator, sampler, renderer, data,
    losses: lossesOf(training, model),
    seed: run.config.seed,
    optimizer: { G: { lr: training.lrG }, D: { lr: training.lrD } },
    ema: training.ema,
    styleMixingProb: training.styleMixingProb,
    noiseMode: training.noiseMode,
    kimgPerTick: run.config.kimgPerTick,
    plugins: [
      statsLog({ append: run.appendStats }),
      progressLine({ write: output.info, memoryBytes: () => process.memoryUsage.rss() }),
      snapshotEvery({
        kimg: options.snap, seed: run.config.seed, generator, discriminator, sampler, renderer,
        ...(training.alignment ? { extractor: extractorOf(training.alignment) } : {}),
        async write(sheet, kimg) {
          const factor = Math.max(1, Math.floor(128 / generator.imgResolution));
          const name = `fakes-${Math.round(kimg * 1000).toString().padStart(8, '0')}.png`;
          await writeFileAtomic(join(run.dir, name), await encodePng(enlarge(sheet, factor)));
        },
      }),
      checkpointEvery({ kimg: options.checkpoint, save: run.save }),
    ],
  });
}

async function resumeFrom(run: RunFolder, trainer: Trainer, snapshot: TrainingSnapshot, output: Output): Promise<void> {
  trainer.restore(snapshot);
  await run.truncateStats(snapshot.state.step);
  output.info(`resumed at kimg ${trainer.kimg.toFixed(3)} (step ${trainer.step})`);
}

/** Starts from the networks of another run of the same size; moments and counters begin anew. */
async function initFrom(dir: string | undefined, trainer: Trainer, output: Output): Promise<void> {
  if (dir === undefined) return;
  const loaded = await (await openRunFolder(dir)).load();
  if (!loaded) throw new SpatialGANError('CHECKPOINT', `--init: ${dir} has no checkpoint yet`);
  loaded.notes.forEach(output.warn);
  const fresh = await trainer.save();
  const { G, D, gEma } = loaded.snapshot.groups;
  trainer.restore({ ...fresh, groups: { ...fresh.groups, G: G!, D: D!, gEma: gEma! } });
  output.info(`initialized from ${dir} at kimg ${(loaded.snapshot.state.images / 1000).toFixed(3)}`);
}

/** Trains until `kimg`, a signal or an error; every way out but the last writes a checkpoint. */
export async function train(options: TrainOptions, command: readonly string[], output: Output): Promise<number> {
  const backend = await openBackend(options.backend);
  output.info(`backend ${backend.backend}: ${backend.reason}`);
  const { run, snapshot } = await openRun(options, command, output);
  const { dataset, bad } = await openDataset(run.config.data, output.info);
  for (const { file, reason } of bad) output.warn(`left out ${file}: ${reason}`);
  output.info(`data ${dataset.name}: ${dataset.length} images${bad.length > 0 ? `, ${bad.length} left out` : ''}`);
  for (const licence of dataset.licences ?? []) output.info(`  ${licence}`);
  const cursor = snapshot?.state.cursor as BatchCursor | undefined;
  const { batch } = run.config.run.training;
  const stream = batchStream(dataset, { batch, seed: run.config.seed, mirror: run.config.data.mirror, ...(cursor ? { cursor } : {}) });
  const trainer = assembleTrainer(run, stream, options, output);
  const abort = new AbortController();
  const stop = (): void => {
    output.info('stopping after this step; press Ctrl-C again to stop at once (without a checkpoint)');
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    if (snapshot) await resumeFrom(run, trainer, snapshot, output);
    else await initFrom(options.init, trainer, output);
    output.info(`run ${run.dir}`);
    const { reason, kimg } = await trainer.run({ kimg: options.kimg, signal: abort.signal });
    output.info(`${reason} at kimg ${kimg.toFixed(3)}; go on with: spatialgan train --resume ${run.dir} --kimg K`);
    return reason === 'aborted' ? 130 : 0;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    trainer.dispose();
    stream.dispose();
    dataset.dispose?.();
    backend.dispose();
  }
}
