import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { latestCheckpoint, saveRunCheckpoint, writeFileAtomic } from '@spatialgan/checkpoint/node';
import { SpatialGANError, type TrainingSnapshot } from '@spatialgan/core';
import type { RunConfig } from '@spatialgan/model';
import type { DataConfig } from './openDataset.js';

/** config.json of a run: all that decides its result, and the command that started it. */
export interface RunFile {
  readonly version: 1;
  readonly run: RunConfig;
  readonly data: DataConfig;
  readonly seed: number;
  readonly kimgPerTick: number;
  readonly command: readonly string[];
}

/** A run on disk. */
export interface RunFolder {
  readonly dir: string;
  readonly config: RunFile;
  appendStats(line: string): Promise<void>;
  /** Drops statistics of steps that a resumed run will do again. */
  truncateStats(step: number): Promise<void>;
  save(snapshot: TrainingSnapshot): Promise<void>;
  /** The newest whole checkpoint, with word of damaged ones that were passed over. */
  load(): Promise<{ readonly snapshot: TrainingSnapshot; readonly notes: readonly string[] } | undefined>;
}

function runFolder(dir: string, config: RunFile): RunFolder {
  const statsPath = join(dir, 'stats.jsonl');
  return {
    dir,
    config,
    appendStats: (line) => appendFile(statsPath, line),
    async truncateStats(step) {
      const text = await readFile(statsPath, 'utf8').catch(() => '');
      const kept = text.split('\n').filter((line) => line !== '' && stepOf(line) <= step);
      await writeFileAtomic(statsPath, kept.map((line) => `${line}\n`).join(''));
    },
    async save(snapshot) {
      await saveRunCheckpoint(dir, snapshot, { keep: 3 });
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

/** Creates `OUTDIR/00003-name` with the next free number and writes its config.json. */
export async function createRunFolder(outdir: string, config: RunFile): Promise<RunFolder> {
  await mkdir(outdir, { recursive: true });
  const numbers = (await readdir(outdir)).flatMap((name) => /^(\d{5})-/.exec(name)?.[1] ?? []).map(Number);
  const number = String(Math.max(-1, ...numbers) + 1).padStart(5, '0');
  const data = basename(resolve(config.data.source)).replace(/\.zip$/i, '');
  const dir = join(outdir, `${number}-${data}-${config.run.model.name}-batch${config.run.training.batch}`);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  return runFolder(dir, config);
}

/**
 * Opens a run's folder.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is none.
 */
export async function openRunFolder(dir: string): Promise<RunFolder> {
  const path = join(dir, 'config.json');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SpatialGANError('CHECKPOINT', `${dir}: expected a run's folder with a config.json; give the folder that 'spatialgan train' made`, { cause });
  });
  try {
    const config = JSON.parse(text) as RunFile;
    if (config.version === 1) return runFolder(dir, config);
    throw new Error(`expected version 1, got ${String(config.version)}`);
  } catch (cause) {
    throw new SpatialGANError('CHECKPOINT', `${path}: ${(cause as Error).message}; restore it or start a new run`, { cause });
  }
}
