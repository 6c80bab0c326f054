import { SpatialGANError } from '@spatialgan/core';
import { builtin } from '../builtin.js';
import type { WasmKernels } from './kernels.js';

/** Runs the tasks of a kernel. */
export interface TaskRunner {
  /** Threads that may work at a time: slots are 0 … threads - 1. */
  readonly threads: number;
  /** Calls a kernel for tasks 0 … tasks - 1, (…args, task, slot), and returns when all are done. */
  run(kernel: keyof WasmKernels, tasks: number, args: readonly number[]): void;
  /** Resolves when all threads have started, or after two seconds; `run` uses those that have. */
  ready(): Promise<void>;
  /** Ends the threads; the runner goes on with one. */
  dispose(): void;
}

type AnyKernel = (...args: number[]) => void;

/** A kernel with all arguments but the last two; a call of it leaves nothing for the garbage collector. */
const taskOf = (kernels: WasmKernels, kernel: keyof WasmKernels, args: readonly number[]): ((task: number, slot: number) => void) =>
  (kernels[kernel] as unknown as AnyKernel).bind(undefined, ...args);

/** Runs all tasks on the calling thread. */
export function serialRunner(kernels: WasmKernels): TaskRunner {
  return {
    threads: 1,
    run: (kernel, tasks, args) => {
      const run = taskOf(kernels, kernel, args);
      for (let task = tasks - 1; task >= 0; task--) run(task, 0);
    },
    ready: async () => {},
    dispose: () => {},
  };
}

// Words of the control block. TICKETS counts the tasks not yet taken: whoever takes the ticket n > 0 owns task n - 1, and
// the job's description stands still until that task is done.
const [TICKETS, DONE, ROUND, SLEEPERS, KERNEL, COUNT, FAILED, READY, WORDS] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const MAX_ARGS = 40;
/** How long a program waits for its threads; a page whose policy forbids them goes on with one. */
const START_MS = 2000;
/** Looks at a word before a thread goes to sleep: some tens of microseconds. */
const SPINS = 4000;

/** What every thread runs; as text, since a bundler cannot be relied on to serve a second script. */
const WORKER = `
const start = async ({ module, memory, control, slot, names }) => {
  const words = new Int32Array(control, 0, ${WORDS}), args = new Float64Array(control, ${WORDS * 4}, ${MAX_ARGS});
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = names.map((name) => exports[name]);
  const all = [];
  let round = 0;
  Atomics.add(words, ${READY}, 1);
  Atomics.notify(words, ${READY});
  for (;;) {
    for (let ticket; (ticket = Atomics.sub(words, ${TICKETS}, 1)) > 0;) {
      try {
        const count = words[${COUNT}];
        for (let i = 0; i < count; i++) all[i] = args[i];
        all[count] = ticket - 1;
        all[count + 1] = slot;
        all.length = count + 2;
        Reflect.apply(kernels[words[${KERNEL}]], undefined, all);
      } catch {
        Atomics.store(words, ${FAILED}, 1);
      }
      Atomics.add(words, ${DONE}, 1);
      Atomics.notify(words, ${DONE});
    }
    let spins = ${SPINS};
    while (Atomics.load(words, ${ROUND}) === round && --spins > 0);
    if (spins === 0) {
      Atomics.add(words, ${SLEEPERS}, 1);
      Atomics.wait(words, ${ROUND}, round);
      Atomics.sub(words, ${SLEEPERS}, 1);
    }
    round = Atomics.load(words, ${ROUND});
    if (round < 0) return;
  }
};
`;
const NODE_WORKER = `${WORKER}
const { workerData } = require('node:worker_threads');
start(workerData);
`;
const WEB_WORKER = `${WORKER}
onmessage = ({ data }) => start(data);
`;

interface Thread {
  end(): void;
}

function startThread(data: object): Thread {
  const threads = builtin('worker_threads');
  if (threads) {
    const worker = new threads.Worker(NODE_WORKER, { eval: true, workerData: data, execArgv: [], stdout: false });
    worker.unref();
    return { end: () => void worker.terminate() };
  }
  const url = URL.createObjectURL(new Blob([WEB_WORKER], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  worker.postMessage(data);
  return { end: () => worker.terminate() };
}

const mayWait = (): boolean => builtin('worker_threads') !== null || typeof document === 'undefined';

/** What the threads share. */
export interface SharedKernels {
  readonly kernels: WasmKernels;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/**
 * Threads that share a kernel module's memory. Tasks are taken in any order by whoever is free; each writes apart, so the
 * result does not depend on the number of threads.
 *
 * Until the others have started, the calling thread does everything; it never waits for a thread that has taken nothing.
 */
export function createThreadPool({ kernels, module, memory }: SharedKernels, threads: number): TaskRunner {
  const serial = serialRunner(kernels);
  if (threads < 2) return serial;
  const names = Object.keys(kernels).filter((name) => typeof kernels[name as keyof WasmKernels] === 'function') as (keyof WasmKernels)[];
  const index = new Map(names.map((name, i) => [name, i]));
  const control = new SharedArrayBuffer(WORDS * 4 + MAX_ARGS * 8);
  const words = new Int32Array(control, 0, WORDS);
  const shared = new Float64Array(control, WORDS * 4, MAX_ARGS);
  const workers = Array.from({ length: threads - 1 }, (_, i) => startThread({ module, memory, control, slot: i + 1, names }));
  const wait = mayWait();
  let ended = false;
  const finish = (tasks: number): void => {
    let spins = SPINS;
    for (let done = Atomics.load(words, DONE); done < tasks; done = Atomics.load(words, DONE)) {
      if (--spins < 0 && wait) Atomics.wait(words, DONE, done, 100);
    }
    if (Atomics.exchange(words, FAILED, 0)) throw new SpatialGANError('BACKEND_UNSUPPORTED', 'wasm: a kernel failed on another thread; set threads: 1 and report it');
  };
  return {
    threads,
    run: (kernel, tasks, args) => {
      if (tasks < 2 || ended || words[READY] === 0) return serial.run(kernel, tasks, args);
      words[KERNEL] = index.get(kernel)!;
      words[COUNT] = args.length;
      shared.set(args);
      Atomics.store(words, DONE, 0);
      Atomics.store(words, TICKETS, tasks);
      Atomics.store(words, ROUND, (words[ROUND]! + 1) & 0x7fffffff);
      if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, ROUND);
      const run = taskOf(kernels, kernel, args);
      for (let ticket = Atomics.sub(words, TICKETS, 1); ticket > 0; ticket = Atomics.sub(words, TICKETS, 1)) {
        run(ticket - 1, 0);
        Atomics.add(words, DONE, 1);
      }
      finish(tasks);
    },
    ready: async () => {
      const end = performance.now() + START_MS;
      while (!ended && Atomics.load(words, READY) < threads - 1 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    dispose: () => {
      if (ended) return;
      ended = true;
      Atomics.store(words, ROUND, -1);
      Atomics.notify(words, ROUND);
      for (const worker of workers) worker.end();
    },
  };
}
