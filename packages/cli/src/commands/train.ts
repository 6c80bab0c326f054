import { SpatialGANError, type TrainingSnapshot } from '@spatialgan/core';
import { batchStream, type BatchCursor } from '@spatialgan/data';
import { buildModel, lossesOf } from '@spatialgan/model';
import type { Trainer } from '@spatialgan/trainer';
import { openBackend } from '../openBackend.js';
import { assertSameDataset, openDataset, type OpenedDataset } from '../openDataset.js';
import type { Output } from '../output.js';
import type { RunFile } from '../runFile.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runFolder.js';
import { lockRun } from '../runLock.js';
import { trainerOfRun } from '../trainerOfRun.js';
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
  /** The run whose networks it begins with. */
  readonly init?: TrainingSnapshot;
}

async function loadCheckpoint(run: RunFolder, output: Output): Promise<TrainingSnapshot | undefined> {
  const loaded = await run.load();
  loaded?.notes.forEach(output.warn);
  return loaded?.snapshot;
}

async function withInit(config: RunFile, output: Output): Promise<Plan> {
  if (config.init === undefined) return { config };
  const init = await loadCheckpoint(await openRunFolder(config.init), output);
  if (!init) throw new SpatialGANError('CHECKPOINT', `--init: ${config.init} has no checkpoint yet`);
  return { config, init };
}

async function planRun(options: TrainOptions, { command, given }: TrainCall, output: Output): Promise<Plan> {
  if (options.resume === undefined) return withInit(newRunFile(options, command), output);
  const run = await openRunFolder(options.resume);
  const config = resumedRunFile(run.config, options, given);
  const snapshot = await loadCheckpoint(run, output);
  if (snapshot) return { config, run, snapshot };
  output.warn(`${run.dir} has no checkpoint yet: it begins anew`);
  return { ...(await withInit(config, output)), run };
}

async function openPlannedDataset({ config }: Plan, output: Output): Promise<OpenedDataset> {
  const opened = await openDataset(config.data, output.info);
  const { dataset, bad, facts } = opened;
  for (const { file, reason } of bad) output.warn(`left out ${file}: ${reason}`);
  output.info(`data ${dataset.name}: ${dataset.length} images${bad.length > 0 ? `, ${bad.length} left out` : ''}`);
  for (const licence of facts.licences) output.info(`  ${licence}`);
  assertSameDataset(config.dataset, facts);
  return opened;
}

/** Brings a fresh trainer to where the run begins or goes on. */
async function position(trainer: Trainer, { snapshot, init }: Plan, output: Output): Promise<void> {
  if (snapshot) {
    trainer.restore(snapshot);
    output.info(`resumed at kimg ${trainer.kimg.toFixed(3)} (step ${trainer.step})`);
  } else if (init) {
    // Networks of another run of the same size; moments and counters begin anew.
    const fresh = await trainer.save();
    const { G, D, gEma } = init.groups;
    trainer.restore({ ...fresh, groups: { ...fresh.groups, G: G!, D: D!, gEma: gEma! } });
    output.info(`initialized with networks of kimg ${(init.state.images / 1000).toFixed(3)}`);
  }
}

const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;

/** Trains until the goal or a signal; a signal lets the step end and a checkpoint be written. */
async function trainUntilStopped(trainer: Trainer, run: RunFolder, output: Output): Promise<number> {
  const abort = new AbortController();
  let code = 0;
  const stop = (signal: NodeJS.Signals): void => {
    output.info('stopping after this step; press Ctrl-C again to stop at once (without a checkpoint)');
    code = exitCodeOf[signal as keyof typeof exitCodeOf];
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    const { reason, kimg } = await trainer.run({ kimg: run.config.schedule.kimg, signal: abort.signal });
    const further = reason === 'aborted' ? '' : ' --kimg K';
    output.info(`${reason} at kimg ${kimg.toFixed(3)}; go on with: spatialgan train --resume ${run.dir}${further}`);
    return reason === 'aborted' ? code : 0;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
}

async function trainPlanned(plan: Plan, options: TrainOptions, output: Output): Promise<number> {
  const { run: { training, model: modelConfig }, seed, data } = plan.config;
  // Built before anything is opened or made: what does not fit is said at once.
  const model = buildModel(modelConfig);
  const losses = lossesOf(training, model);
  const backend = await openBackend(options.backend);
  output.info(`backend ${backend.backend}: ${backend.reason}`);
  const { dataset, facts } = await openPlannedDataset(plan, output);
  const run = plan.run ?? (await createRunFolder(options.outdir, plan.config));
  const unlock = await lockRun(run.dir);
  await run.configure({ ...plan.config, dataset: facts });
  const cursor = plan.snapshot?.state.cursor as BatchCursor | undefined;
  const stream = batchStream(dataset, { batch: training.batch, seed, mirror: data.mirror, ...(cursor ? { cursor } : {}) });
  const trainer = trainerOfRun(run, { model, losses, data: stream }, output);
  try {
    await run.truncateStats(plan.snapshot?.state.step ?? 0);
    await position(trainer, plan, output);
    // The run that gave its networks may train on: what this one began with is kept.
    if (plan.init) await run.save(await trainer.save());
    output.info(`run ${run.dir}`);
    return await trainUntilStopped(trainer, run, output);
  } finally {
    trainer.dispose();
    stream.dispose();
    dataset.dispose?.();
    backend.dispose();
    await unlock();
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
