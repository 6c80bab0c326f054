import { availableParallelism } from 'node:os';
import { SpatialGANError } from '@spatialgan/core';
import { openBackend } from './openBackend.js';
import type { RunFile } from './runFile.js';
import type { RunFolder } from './runFolder.js';
import { startTrainThreads, type TrainThreads } from './trainThreads.js';

const threadsOf = (workers: number): number => Math.max(1, Math.floor(availableParallelism() / workers));

/** Activates the backend; of several workers each has its own. @throws SpatialGANError 'CONFIG' for one that cannot be had so. */
export function openBackendFor({ split }: RunFile, name: string): ReturnType<typeof openBackend> {
  const { workers = 1 } = split ?? {};
  if (workers === 1) return openBackend(name);
  if (!['auto', 'wasm', 'cpu'].includes(name)) {
    throw new SpatialGANError('CONFIG', `--workers: expected --backend wasm or cpu, since each worker has one of its own, got ${name}; leave --workers out`);
  }
  return openBackend(name === 'auto' ? 'wasm' : name, { threads: threadsOf(workers) });
}

/** The threads that share a run's batches, if any. */
export function startOthers({ dir, config }: RunFolder, backend: string): TrainThreads | undefined {
  const { workers = 1 } = config.split ?? {};
  if (workers === 1) return undefined;
  return startTrainThreads({ workers, config, backend, threads: threadsOf(workers), ifOneEnds: `go on from the last checkpoint with: spatialgan train --resume ${dir}` });
}
