import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCheckpoint } from '@spatialgan/checkpoint/node';
import type { ParamData, TrainingSnapshot } from '@spatialgan/core';

/** One checkpoint of a run. */
export interface RunCheckpoint {
  readonly kimg: number;
  /** The discriminator's parameters. */
  load(): Promise<ReadonlyMap<string, ParamData>>;
}

/** The whole checkpoints of a run, the first one first; damaged ones are left out. */
export async function checkpointsOf(run: string): Promise<readonly RunCheckpoint[]> {
  const folder = join(run, 'checkpoints');
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^step-\d+(-\d+)?$/.test(name)).sort();
  const found: RunCheckpoint[] = [];
  for (const name of names) {
    const read = (): ReturnType<typeof loadCheckpoint<TrainingSnapshot['state']>> => loadCheckpoint<TrainingSnapshot['state']>(join(folder, name));
    const checkpoint = await read().catch(() => undefined);
    if (checkpoint) found.push({ kimg: checkpoint.state.images / 1000, load: async () => (await read()).groups['D']! });
  }
  return found;
}
