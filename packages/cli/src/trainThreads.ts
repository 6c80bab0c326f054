import type { Worker } from 'node:worker_threads';
import { sharedCommunicator, type SharedCommunicator, sharedMemory, type SharedMemory } from '@spatialgan/trainer';
import type { RunFile } from './runFile.js';
import { startThread } from './startThread.js';

/** What a training thread is started with. */
export interface ThreadData {
  readonly memory: SharedMemory;
  readonly rank: number;
  readonly config: RunFile;
  readonly backend: string;
  /** Threads of its kernels. */
  readonly threads: number;
}

/** The threads that train beside this one. */
export interface TrainThreads {
  /** This thread's, rank 0. It fails when a thread ends before `stop`. */
  readonly communicator: SharedCommunicator;
  /** Ends them; idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the other threads of a run.
 *
 * @param options `ifOneEnds`: what the user is told to do when a thread dies.
 */
export function startTrainThreads(
  { workers, config, backend, threads, ifOneEnds }: Omit<ThreadData, 'memory' | 'rank'> & { readonly workers: number; readonly ifOneEnds: string },
): TrainThreads {
  const memory = sharedMemory(workers);
  const communicator = sharedCommunicator(memory, { rank: 0 });
  let stopping = false;
  const watch = (worker: Worker, rank: number): Worker => {
    const ended = (why: string): void => {
      if (!stopping) communicator.fail(`worker ${rank} of ${workers - 1} has ended before the training (${why}); ${ifOneEnds}`);
    };
    worker.once('error', (error) => ended(error instanceof Error ? error.message : String(error)));
    worker.once('exit', (code) => ended(`exit code ${code}`));
    return worker;
  };
  const started = Array.from({ length: workers - 1 }, (_, i) => {
    const rank = i + 1;
    return watch(startThread('trainThread', { memory, rank, config, backend, threads } satisfies ThreadData), rank);
  });
  return {
    communicator,
    async stop() {
      stopping = true;
      await Promise.all(started.map((worker) => worker.terminate()));
    },
  };
}
