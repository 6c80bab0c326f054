import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSpatialGANError, SpatialGANError } from '@spatialgan/core';
import { type CheckpointData, loadCheckpoint, type LoadedCheckpoint, saveCheckpoint } from './checkpointFolder.js';
import { readManifest } from './manifest.js';
import { writeFileAtomic } from './writeFileAtomic.js';

const folder = 'checkpoints';

interface Found {
  readonly dir: string;
  /** undefined when the manifest cannot be read. */
  readonly savedAt: number | undefined;
}

/** The checkpoints of a run, the last written first; those that cannot tell come before. */
async function findCheckpoints(runDir: string): Promise<readonly Found[]> {
  const names = (await readdir(join(runDir, folder)).catch(() => [])).filter((name) => /^step-\d+(-\d+)?$/.test(name));
  const found = names.sort().reverse().map(async (name) => {
    const dir = join(runDir, folder, name);
    return { dir, savedAt: await readManifest(dir).then(({ savedAt }) => savedAt, () => undefined) };
  });
  const order = (savedAt: number | undefined): number => savedAt ?? Number.MAX_VALUE;
  return (await Promise.all(found)).sort((a, b) => order(b.savedAt) - order(a.savedAt));
}

/** A name that is free: replacing a checkpoint of the same step would leave a moment without either. */
async function freeName(runDir: string, step: number): Promise<string> {
  const taken = new Set(await readdir(join(runDir, folder)).catch(() => []));
  const name = `step-${String(step).padStart(9, '0')}`;
  for (let again = 1; ; again++) {
    const candidate = again === 1 ? name : `${name}-${again}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** What was best of a run; `best.json`. */
export interface BestOfRun {
  /** Name of what was measured, e.g. `fid`. */
  readonly metric: string;
  readonly value: number;
}

/** What `best.json` says, and where that checkpoint lies. */
export interface BestCheckpoint extends BestOfRun {
  readonly dir: string;
  readonly step: number;
}

/** Where a run's best checkpoint lies, of those that were saved with `best`; undefined when there is none. */
export async function bestCheckpoint(runDir: string): Promise<BestCheckpoint | undefined> {
  const text = await readFile(join(runDir, 'best.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { checkpoint, ...best } = JSON.parse(text) as BestOfRun & { readonly checkpoint: string; readonly step: number };
  return { ...best, dir: join(runDir, folder, basename(checkpoint)) };
}

/** Removes all but the newest `keep` readable checkpoints and the best one, and what interrupted writes left. */
async function retain(runDir: string, keep: number): Promise<readonly string[]> {
  const found = await findCheckpoints(runDir);
  const kept = new Set(found.filter(({ savedAt }) => savedAt !== undefined).slice(0, keep).map(({ dir }) => dir));
  const best = await bestCheckpoint(runDir).catch(() => undefined);
  if (best) kept.add(best.dir);
  const old = found.filter(({ dir }) => !kept.has(dir)).map(({ dir }) => dir);
  // In one step each: who reads the run meanwhile meets all of a checkpoint or nothing.
  for (const dir of old) await rename(dir, join(runDir, folder, `.old-${randomUUID()}.tmp`));
  const left = (await readdir(join(runDir, folder))).filter((name) => /^\..*\.tmp$/.test(name)).map((name) => join(runDir, folder, name));
  for (const dir of left) await rm(dir, { recursive: true, force: true });
  return old;
}

/**
 * Saves into `runDir/checkpoints/step-…`, points `runDir/latest.json` to it and removes the oldest.
 *
 * Nothing is removed before the new one is safely on the disk. A run is written by one process.
 *
 * @param options `keep`: how many of the newest stay, 3 by default; `best`: this one is the best so far, it stays until a better one is
 *   saved, and `runDir/best.json` points to it.
 * @returns the new folder, and the removed ones.
 * @throws SpatialGANError 'CHECKPOINT' when it cannot be written; the older ones are then untouched.
 */
export async function saveRunCheckpoint(
  runDir: string,
  data: CheckpointData,
  options: { readonly keep?: number; readonly best?: BestOfRun } = {},
): Promise<{ readonly dir: string; readonly removed: readonly string[] }> {
  const { keep = 3 } = options;
  if (!Number.isInteger(keep) || keep < 1) throw new SpatialGANError('CONFIG', `saveRunCheckpoint: expected keep of at least 1, got ${keep}`);
  const name = await freeName(runDir, data.state.step);
  const dir = join(runDir, folder, name);
  const newest = (await findCheckpoints(runDir)).reduce((latest, { savedAt = 0 }) => Math.max(latest, savedAt), 0);
  // The order of writing must hold even when the clock was set back.
  const savedAt = Math.max(Date.now(), newest + 1);
  await saveCheckpoint(dir, data, { savedAt });
  await writeFileAtomic(join(runDir, 'latest.json'), `${JSON.stringify({ checkpoint: `${folder}/${name}`, step: data.state.step })}\n`);
  if (options.best) {
    const best = { checkpoint: `${folder}/${name}`, step: data.state.step, metric: options.best.metric, value: options.best.value };
    await writeFileAtomic(join(runDir, 'best.json'), `${JSON.stringify(best)}\n`);
  }
  return { dir, removed: await retain(runDir, keep) };
}

/** What a run can go on from, and what could not be used. */
export interface LatestCheckpoint<S extends { readonly step: number } = { readonly step: number }> {
  /** undefined when the run has none that is whole. */
  readonly checkpoint: LoadedCheckpoint<S> | undefined;
  /** Newer checkpoints that are damaged; tell the user. */
  readonly skipped: readonly { readonly dir: string; readonly reason: string }[];
}

/** How often a list of checkpoints may be outdated before it is read to the end. */
const outdatedLists = 20;

/**
 * The last written checkpoint of a run that is whole; damaged ones are passed over and named.
 *
 * The run may be going on: one that it removes while it is read was no longer the last, and is looked for anew.
 */
export async function latestCheckpoint<S extends { readonly step: number }>(runDir: string): Promise<LatestCheckpoint<S>> {
  for (let attempt = 1; ; attempt++) {
    const skipped: { dir: string; reason: string }[] = [];
    let outdated = false;
    for (const { dir } of await findCheckpoints(runDir)) {
      try {
        return { checkpoint: await loadCheckpoint<S>(dir), skipped };
      } catch (cause) {
        if (!isSpatialGANError(cause)) throw cause;
        outdated = attempt <= outdatedLists && (await isGone(dir));
        if (outdated) break;
        skipped.push({ dir, reason: cause.message });
      }
    }
    if (!outdated) return { checkpoint: undefined, skipped };
  }
}

const isGone = (dir: string): Promise<boolean> => stat(dir).then(() => false, () => true);
