import { type Communicator, SpatialGANError } from '@spatialgan/core';

/** What the threads of one run share; give it to each as it is (`workerData`, `postMessage`). */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  readonly size: number;
  /** Bytes that each rank can say at once; longer messages go in pieces. */
  readonly chunkBytes: number;
}

// The first words of the memory.
const [ARRIVED, GENERATION, FAILED, WORDS] = [0, 1, 2, 4];
/** Two slots a rank, used in turn: nobody writes into one that another still reads. */
const SLOTS = 2;
/** Per slot: what is said and how long it is, so that ranks that fell out of step are found out. */
const HEAD = 8;

/**
 * Memory for a communicator between `size` threads.
 *
 * @param options `chunkBytes`: a multiple of 8; 1 MiB by default.
 */
export function sharedMemory(size: number, { chunkBytes = 2 ** 20 }: { readonly chunkBytes?: number } = {}): SharedMemory {
  if (!Number.isInteger(size) || size < 1 || chunkBytes % 8 !== 0 || chunkBytes < 8) {
    throw new SpatialGANError('CONFIG', `sharedMemory: expected a whole size ≥ 1 and chunkBytes of a multiple of 8, got ${size} and ${chunkBytes}`);
  }
  return { buffer: new SharedArrayBuffer(WORDS * 4 + size * SLOTS * (HEAD + chunkBytes)), size, chunkBytes };
}

/** A communicator between threads of one process. */
export interface SharedCommunicator extends Communicator {
  /** The reason is told to the callers of this rank. */
  fail(reason: string): void;
}

/** How a thread waits for the others. */
export interface SharedCommunicatorOptions {
  readonly rank: number;
  /**
   * Sleep in `Atomics.wait`: for threads with nothing else to do (not a page's main thread). Otherwise the thread goes on
   * with its events while it waits. Default false.
   */
  readonly block?: boolean;
}

/** Not in TypeScript's ES2022; in Node since 16 and in every browser with WebGPU. */
type WaitAsync = (words: Int32Array, index: number, value: number, timeout: number) => { readonly value: Promise<unknown> | string };
const OPERATIONS = { allReduce: 1, broadcast: 2, barrier: 3 } as const;

/**
 * A communicator over shared memory, for worker threads in Node and for Workers of cross-origin isolated pages.
 *
 * Sums are added in the order of the ranks by every rank, so that all get the same bits.
 */
export function sharedCommunicator({ buffer, size, chunkBytes }: SharedMemory, { rank, block = false }: SharedCommunicatorOptions): SharedCommunicator {
  const words = new Int32Array(buffer, 0, WORDS);
  const at = (of: number, slot: number): number => WORDS * 4 + (of * SLOTS + slot) * (HEAD + chunkBytes);
  let slot = 0;
  let reason: string | undefined;

  const assertWhole = (): void => {
    if (Atomics.load(words, FAILED) === 0) return;
    throw new SpatialGANError('ABORTED', `rank ${rank} of ${size}: ${reason ?? 'another rank has ended'}`);
  };
  const fail = (why: string): void => {
    reason ??= why;
    Atomics.store(words, FAILED, 1);
    Atomics.notify(words, GENERATION);
  };
  const waitFor = async (generation: number): Promise<void> => {
    while (Atomics.load(words, GENERATION) === generation) {
      assertWhole();
      if (block) {
        Atomics.wait(words, GENERATION, generation, 1000);
        continue;
      }
      // Now and then by itself: a failure between the check and the wait would not wake it.
      await (Atomics as unknown as { readonly waitAsync: WaitAsync }).waitAsync(words, GENERATION, generation, 1000).value;
    }
  };
  const meet = async (): Promise<void> => {
    assertWhole();
    if (size === 1) return;
    const generation = Atomics.load(words, GENERATION);
    if (Atomics.add(words, ARRIVED, 1) === size - 1) {
      Atomics.store(words, ARRIVED, 0);
      Atomics.add(words, GENERATION, 1);
      Atomics.notify(words, GENERATION);
    } else {
      // All have met then, even if one has ended since: what it said counts.
      await waitFor(generation);
    }
  };

  /** One round: says `bytes`, meets the others and reads what they said. */
  const exchange = async (operation: keyof typeof OPERATIONS, bytes: Uint8Array, read: (said: (of: number) => Uint8Array) => void): Promise<void> => {
    const mine = slot;
    slot = (slot + 1) % SLOTS;
    new Int32Array(buffer, at(rank, mine), 2).set([OPERATIONS[operation], bytes.length]);
    if (operation === 'allReduce' || rank === 0) new Uint8Array(buffer, at(rank, mine) + HEAD, bytes.length).set(bytes);
    await meet();
    for (let of = 0; of < size; of++) {
      const [what, length] = new Int32Array(buffer, at(of, mine), 2) as unknown as [number, number];
      if (what === OPERATIONS[operation] && length === bytes.length) continue;
      fail(`the ranks fell out of step: rank ${rank} is at ${operation} of ${bytes.length} bytes, rank ${of} at something else; give all of them the same options`);
      assertWhole();
    }
    read((of) => new Uint8Array(buffer, at(of, mine) + HEAD, bytes.length));
  };
  const inChunks = async (bytes: Uint8Array, use: (chunk: Uint8Array) => Promise<void>): Promise<void> => {
    for (let from = 0; from < bytes.length || from === 0; from += chunkBytes) await use(bytes.subarray(from, from + chunkBytes));
  };

  return {
    rank,
    size,
    fail,
    allReduce: (values) =>
      inChunks(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), (chunk) =>
        exchange('allReduce', chunk, (said) => {
          const sum = new Float32Array(chunk.buffer, chunk.byteOffset, chunk.length / 4);
          for (let of = 0; of < size; of++) {
            const { byteOffset } = said(of);
            const terms = new Float32Array(buffer, byteOffset, sum.length);
            if (of === 0) sum.set(terms);
            else for (let i = 0; i < sum.length; i++) sum[i]! += terms[i]!;
          }
        })),
    broadcast: (bytes) => inChunks(bytes, (chunk) => exchange('broadcast', chunk, (said) => void (rank > 0 && chunk.set(said(0))))),
    barrier: () => exchange('barrier', new Uint8Array(0), () => {}),
  };
}
