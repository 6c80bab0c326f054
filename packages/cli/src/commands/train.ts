import { SpatialGANError, type TrainingSnapshot } from '@spatialgan/core';
import { batchStream, type BatchCursor, type ImageDataset } from '@spatialgan/data';
import { buildModel, lossesOf } from '@spatialgan/model';
import { partsOf, type Trainer } from '@spatialgan/trainer';
import { assertSameConfig } from '../configDifference.js';
import { describePlan } from '../describePlan.js';
import { type InitNetworks, openInit, withNetworks } from '../initNetworks.js';
import { assertMeasurable, trainingMetrics } from '../metrics/trainingMetrics.js';
import { assertSameDataset, openDataset, type OpenedDataset } from '../openDataset.js';
import type { Output } from '../output.js';
import type { RunFile } from '../runFile.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runFolder.js';
import { lockRun } from '../runLock.js';
import { openBackendFor, startOthers } from '../trainBackends.js';
import { type RunParts, trainerOfRun } from '../trainerOfRun.js';
import { type GivenOptions, newRunFile, resumedRunFile, type TrainOptions } from '../trainOptions.js';

/** How `spatialgan train` was called. */
export interface TrainCall {
  /** The command line, for config.json. */
  readonly command: readonly string[];
  readonly given: GivenOptions;
}

/** A run to go on with, or the configuration of a new one; everything that can be wrong with them was found out. */
interface Plan {
  readonly config: RunFile;
  readonly run?: RunFolder;
  /** Where the run goes on. */
  readonly snapshot?: TrainingSnapshot;
  /** The networks that it begins with. */
  readonly init?: InitNetworks;
}

const withInit = async (config: RunFile, output: Output): Promise<Plan> =>
  config.init === undefined ? { config } : { config, init: await openInit(config.init, output.warn) };

async function planRun(options: TrainOptions, { command, given }: TrainCall, output: Output): Promise<Plan> {
  if (options.resume === undefined) {
    if (options.force) throw new SpatialGANError('CONFIG', '--force: expected --resume RUN with it, got a new run; leave it out');
    return withInit(newRunFile(options, command), output);
  }
  const run = await openRunFolder(options.resume);
  const config = resumedRunFile(run.config, options, given);
  const loaded = await run.load();
  loaded?.notes.forEach(output.warn);
  if (!loaded) {
    output.warn(`${run.dir} has no checkpoint yet: it begins anew`);
    return { ...(await withInit(config, output)), run };
  }
  const { snapshot } = loaded;
  for (const difference of assertSameConfig((snapshot.state as { config?: unknown }).config, config, options.force ?? false)) output.warn(`--force: ${difference}`);
  return { config, run, snapshot };
}

/** Labels decide the networks: their number is the data's. */
function withLabels(config: RunFile, { cDim, name }: ImageDataset): RunFile {
  if (!config.data.cond) return config;
  if (cDim === 0) throw new SpatialGANError('DATA', `--cond: expected labels in the dataset.json of ${name}, found none; add them, or leave --cond out`);
  const { model } = config.run;
  const known = model.generator.cDim ?? 0;
  if (known > 0 && known !== cDim) throw new SpatialGANError('DATA', `--resume: expected labels of ${known} numbers as the run began with, got ${cDim}; restore dataset.json`);
  return { ...config, run: { ...config.run, model: { ...model, generator: { ...model.generator, cDim }, discriminator: { ...model.discriminator, cDim } } } };
}

async function openPlannedDataset({ config }: Plan, output: Output): Promise<OpenedDataset> {
  const opened = await openDataset(config.data, output.info);
  const { dataset, bad, facts } = opened;
  for (const { file, reason } of bad) output.warn(`left out ${file}: ${reason}`);
  const labels = dataset.cDim > 0 ? `, labels of ${dataset.cDim}` : '';
  output.info(`data ${dataset.name}: ${dataset.length} images${labels}${bad.length > 0 ? `, ${bad.length} left out` : ''}`);
  for (const licence of facts.licences) output.info(`  ${licence}`);
  assertSameDataset(config.dataset, facts);
  return opened;
}

/** Brings a fresh trainer to where the run begins or goes on. */
async function position(trainer: Trainer, { snapshot, init, config }: Plan, output: Output): Promise<void> {
  if (snapshot) {
    trainer.restore(snapshot);
    output.info(`resumed at kimg ${trainer.kimg.toFixed(3)} (step ${trainer.step})`);
  } else if (init) {
    const begun = withNetworks(await trainer.save(), init, config.run.model);
    trainer.restore(begun.snapshot);
    begun.notes.forEach((note) => output.info(note));
  }
}

const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;
/** Longer delays overflow the platform's timers. */
const longestTimer = 2 ** 31 - 1;

/** Trains until the goal, a signal or the time is up; the last two let the step end and a checkpoint be written. */
async function trainUntilStopped(trainer: Trainer, run: RunFolder, { output, maxTime }: { readonly output: Output; readonly maxTime: number | undefined }): Promise<number> {
  const abort = new AbortController();
  let code = 0;
  let isLate = false;
  const stop = (signal: NodeJS.Signals): void => {
    output.info('stopping after this step; press Ctrl-C again to stop at once (without a checkpoint)');
    code = exitCodeOf[signal as keyof typeof exitCodeOf];
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const timer = maxTime === undefined ? undefined : setTimeout(() => {
    isLate = true;
    abort.abort();
  }, Math.min(maxTime, longestTimer));
  try {
    const { reason, kimg } = await trainer.run({ kimg: run.config.schedule.kimg, signal: abort.signal });
    const further = reason === 'aborted' ? '' : ' --kimg K';
    const why = reason === 'aborted' && isLate && code === 0 ? 'out of time (--max-time)' : reason;
    output.info(`${why} at kimg ${kimg.toFixed(3)}; go on with: spatialgan train --resume ${run.dir}${further}`);
    return reason === 'aborted' ? code : 0;
  } finally {
    clearTimeout(timer);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
}

/** Trains in the run's folder; what it opens it closes. */
async function trainInFolder(plan: Plan, parts: Omit<RunParts, 'data'> & OpenedDataset & { readonly backend: string }, { options, output }: { readonly options: TrainOptions; readonly output: Output }): Promise<number> {
  const { config } = plan;
  const { dataset, facts } = parts;
  const run = plan.run ?? (await createRunFolder(options.outdir, config));
  const unlock = await lockRun(run.dir);
  try {
    await run.configure({ ...config, dataset: facts });
    const cursor = plan.snapshot?.state.cursor as BatchCursor | undefined;
    const { seed, data: { mirror }, run: { training: { batch } } } = config;
    const stream = batchStream(dataset, { batch, seed, mirror, ...(cursor ? { cursor } : {}) });
    const measured = config.schedule.metrics && (await trainingMetrics(run, config.schedule.metrics, dataset, output));
    const others = startOthers(run, parts.backend);
    const plugins = measured && { plugins: [measured.plugin] };
    const trainer = trainerOfRun(run, { ...parts, data: stream, communicator: others?.communicator, ...plugins }, output);
    try {
      await run.truncateStats(plan.snapshot?.state.step ?? 0);
      await position(trainer, plan, output);
      // The run that gave its networks may train on: what this one began with is kept.
      if (plan.init) await run.save(await trainer.save());
      output.info(`run ${run.dir}`);
      return await trainUntilStopped(trainer, run, { output, maxTime: options.maxTime });
    } finally {
      await others?.stop();
      trainer.dispose();
      measured?.dispose();
      stream.dispose();
    }
  } finally {
    await unlock();
  }
}

async function trainPlanned(given: Plan, options: TrainOptions, output: Output): Promise<number> {
  // Built before anything is opened or made: what does not fit is said at once.
  const { discriminator } = buildModel(given.config.run.model);
  partsOf(given.config.run.training.batch, { batchGpu: given.config.split?.batchGpu, size: given.config.split?.workers }, discriminator);
  const backend = await openBackendFor(given.config, options.backend);
  output.info(`backend ${backend.backend}: ${backend.reason}`);
  try {
    const opened = await openPlannedDataset(given, output);
    try {
      const plan = { ...given, config: withLabels(given.config, opened.dataset) };
      const model = buildModel(plan.config.run.model);
      const losses = lossesOf(plan.config.run.training, model);
      assertMeasurable(plan.config);
      if (options.dryRun) {
        describePlan(plan.config, { model, losses, outdir: plan.run?.dir ?? options.outdir }).forEach((line) => output.info(line));
        return 0;
      }
      return await trainInFolder(plan, { model, losses, ...opened, backend: backend.backend }, { options, output });
    } finally {
      opened.dataset.dispose?.();
    }
  } finally {
    backend.dispose();
  }
}

/** Trains a new run, or goes on with one; every end but an error leaves a checkpoint. */
export async function train(options: TrainOptions, call: TrainCall, output: Output): Promise<number> {
  const plan = await planRun(options, call, output);
  const done = (plan.snapshot?.state.images ?? 0) / 1000;
  if (plan.run && done >= plan.config.schedule.kimg) {
    output.info(`${plan.run.dir} is at kimg ${done.toFixed(3)} of ${plan.config.schedule.kimg}: nothing to do; give --kimg K to train on`);
    return 0;
  }
  return trainPlanned(plan, options, output);
}
