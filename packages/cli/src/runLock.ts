import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { SpatialGANError } from '@spatialgan/core';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Claims a run for this process, in `RUN/train.pid`; a process that was killed leaves a claim that no longer counts.
 *
 * @returns gives the run free.
 * @throws SpatialGANError 'CHECKPOINT' when another process is training it.
 */
export async function lockRun(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'train.pid');
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  if (holder > 0 && holder !== process.pid && isAlive(holder)) {
    throw new SpatialGANError('CHECKPOINT', `${dir}: process ${holder} is training this run; stop it first (if it is something else, delete ${path})`);
  }
  await writeFileAtomic(path, `${process.pid}\n`);
  return () => rm(path, { force: true });
}
