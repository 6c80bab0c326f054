import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BestOfRun, latestCheckpoint, saveRunCheckpoint, writeFileAtomic } from '@spatialgan/checkpoint/node';
import { SpatialGANError, type TrainingSnapshot } from '@spatialgan/core';
import { decisivePart } from './configDifference.js';
import { foundInstead } from './folderContents.js';
import { datasetTitle } from './openDataset.js';
import { parseRunFile, type RunFile } from './runFile.js';
import { runPath } from './runPath.js';

/** A run on disk. */
export interface RunFolder {
  readonly dir: string;
  readonly config: RunFile;
  /** Replaces config.json. */
  configure(config: RunFile): Promise<void>;
  appendStats(line: string): Promise<void>;
  /** Adds to this process' event file for TensorBoard. */
  appendEvents(bytes: Uint8Array): Promise<void>;
  /** Drops statistics of steps that a resumed run will do again. */
  truncateStats(step: number): Promise<void>;
  /** With `best`, this state stays until a better one is saved. */
  save(snapshot: TrainingSnapshot, best?: BestOfRun): Promise<void>;
  /** The newest whole checkpoint, with word of damaged ones that were passed over. */
  load(): Promise<{ readonly snapshot: TrainingSnapshot; readonly notes: readonly string[] } | undefined>;
}

const writeError = (path: string) => (cause: NodeJS.ErrnoException): never => {
  throw new SpatialGANError('CHECKPOINT', `cannot write ${path}: ${cause.message}; free space, or give another --outdir`, { cause });
};

function runFolder(dir: string, opened: RunFile): RunFolder {
  const statsPath = join(dir, 'stats.jsonl');
  // A file a process, as TensorBoard expects: it joins them by the time in the name.
  const eventsPath = join(dir, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.spatialgan.${process.pid}`);
  let config = opened;
  return {
    dir,
    get config() {
      return config;
    },
    async configure(next) {
      await writeFileAtomic(join(dir, 'config.json'), `${JSON.stringify(next, null, 2)}\n`);
      config = next;
    },
    appendStats: (line) => appendFile(statsPath, line).catch(writeError(statsPath)),
    appendEvents: (bytes) => appendFile(eventsPath, bytes).catch(writeError(eventsPath)),
    async truncateStats(step) {
      const text = await readFile(statsPath, 'utf8').catch(() => '');
      const kept = text.split('\n').filter((line) => line !== '' && stepOf(line) <= step);
      await writeFileAtomic(statsPath, kept.map((line) => `${line}\n`).join(''));
    },
    async save({ groups, state }, best) {
      const withConfig = { ...state, config: decisivePart(config) };
      await saveRunCheckpoint(dir, { groups, state: withConfig }, { keep: config.schedule.keep ?? 3, ...(best && { best }) });
    },
    async load() {
      const { checkpoint, skipped } = await latestCheckpoint<TrainingSnapshot['state']>(dir);
      const notes = skipped.map(({ dir: path, reason }) => `checkpoint ${basename(path)} is damaged and was passed over: ${reason}`);
      if (!checkpoint) {
        if (skipped.length === 0) return undefined;
        throw new SpatialGANError('CHECKPOINT', `${dir}: no checkpoint is whole: ${notes.join('; ')}; start a new run`);
      }
      return { snapshot: checkpoint, notes };
    },
  };
}

/** A line that was cut off by a crash counts as one to drop. */
function stepOf(line: string): number {
  try {
    return Number((JSON.parse(line) as { step?: number }).step ?? Infinity);
  } catch {
    return Infinity;
  }
}

/** Makes a folder of its own even when another run starts at the same moment. */
async function claimFolder(outdir: string, title: string): Promise<string> {
  await mkdir(outdir, { recursive: true });
  const numbers = (await readdir(outdir)).flatMap((name) => /^(\d{5})-/.exec(name)?.[1] ?? []).map(Number);
  for (let number = Math.max(-1, ...numbers) + 1; ; number++) {
    const dir = join(outdir, `${String(number).padStart(5, '0')}-${title}`);
    try {
      await mkdir(dir);
      return dir;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
  }
}

/**
 * Creates `OUTDIR/00003-name` with the next free number and writes its config.json.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it cannot be written.
 */
export async function createRunFolder(outdir: string, config: RunFile): Promise<RunFolder> {
  const { model, training } = config.run;
  const dir = await claimFolder(outdir, `${datasetTitle(config.data)}-${model.name}-batch${training.batch}`).catch(writeError(outdir));
  const run = runFolder(dir, config);
  await run.configure(config);
  return run;
}

/**
 * Opens a run's folder; its number alone will do.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is none.
 */
export async function openRunFolder(given: string): Promise<RunFolder> {
  const dir = runPath(given);
  const path = join(dir, 'config.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SpatialGANError('CHECKPOINT', `${dir}: expected a run's folder with a config.json, as 'spatialgan train' makes it, got ${existsSync(dir) ? foundInstead(dir) : 'nothing there'}`, { cause });
  });
  try {
    return runFolder(dir, parseRunFile(text));
  } catch (cause) {
    throw new SpatialGANError('CHECKPOINT', `${path}: ${(cause as Error).message}; restore it or start a new run`, { cause });
  }
}
