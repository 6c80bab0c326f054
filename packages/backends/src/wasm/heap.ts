import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KeptByCall } from '../plan/keptByCall.js';
import type { WasmKernels } from './kernels.js';
import type { TaskRunner } from './threadPool.js';

/** tfjs-wasm's tensors as addresses, for kernels that work on its memory in place. */
export interface WasmHeap {
  readonly kernels: WasmKernels;
  /** Threads that a kernel's tasks may run on at a time; each has its slot of scratch. */
  readonly threads: number;
  /** Runs the tasks of a kernel on all threads, (…args, task, slot); their results do not depend on the number. */
  run(kernel: keyof WasmKernels, tasks: number, args: readonly number[]): void;
  /** Address of a tensor's first element. */
  address(tensor: TensorInfo): number;
  /** A new tensor, not cleared. */
  output(shape: readonly number[], dtype?: 'float32' | 'int32'): TensorInfo;
  /** Sets a tensor to zero. */
  clear(tensor: TensorInfo): void;
  /**
   * Addresses of scratch areas of these sizes in bytes, 64-byte aligned; valid until the next call.
   */
  scratch(...sizes: readonly number[]): number[];
  /**
   * Addresses of areas, 64-byte aligned, that a kernel fills from shapes, attributes and the given tensors alone: packed filters,
   * tables. Valid until the next call; in a plan filled once, where the tensors are constants of it, and kept with it.
   */
  prepare(from: readonly TensorInfo[], sizes: readonly number[], fill: (addresses: readonly number[]) => void): readonly number[];
  /** What shapes, attributes and the given tensors alone determine; in a plan made once, where the tensors are constants of it. */
  keep<T>(from: readonly TensorInfo[], make: () => T): T;
  /** Memory that lives until it is given to {@link free}; null when plans keep too much already. */
  allocate(bytes: number): number | null;
  free(address: number): void;
  /** Another tensor over the same memory. */
  share(tensor: TensorInfo, shape?: readonly number[]): TensorInfo;
  /** A tensor's numbers; valid until something is allocated. */
  floats(tensor: TensorInfo): Float32Array;
  /** Writes numbers (or 32-bit integers) at an address. */
  write(address: number, values: Float32Array | Int32Array): void;
}

interface EmscriptenModule {
  readonly HEAPU8: Uint8Array;
  readonly asm: { readonly memory?: WebAssembly.Memory };
  _malloc(bytes: number): number;
  _free(address: number): void;
}

const moduleOf = (backend: BackendWasm): EmscriptenModule => backend.wasm as unknown as EmscriptenModule;

/** The memory of an active tfjs-wasm backend. */
export const memoryOf = (backend: BackendWasm): WebAssembly.Memory | null => moduleOf(backend).asm.memory ?? null;

const align = (bytes: number): number => (bytes + 63) & ~63;
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A block that only grows, given out anew at each call. */
function createBlock(wasm: EmscriptenModule): (sizes: readonly number[]) => number[] {
  let [block, blockBytes] = [0, 0];
  return (sizes) => {
    const total = sizes.reduce((sum, size) => sum + align(size), 64);
    if (total > blockBytes) {
      if (block) wasm._free(block);
      blockBytes = Math.ceil(total * 1.25);
      block = wasm._malloc(blockBytes) >>> 0;
    }
    return placed(block, sizes);
  };
}

/** Addresses of areas one behind the other from the next multiple of 64 on. */
function placed(block: number, sizes: readonly number[]): number[] {
  let at = Math.ceil(block / 64) * 64;
  return sizes.map((size) => {
    const here = at;
    at += align(size);
    return here;
  });
}

/** What all plans together may keep, of wasm's two to four gigabytes: packed filters take up to four times the room of plain ones. */
const KEPT_BYTES = 256 * 2 ** 20;

/** The heap of one backend. Its scratch blocks only grow and live as long as the backend. */
export function createWasmHeap(backend: BackendWasm, kernels: WasmKernels, runner: TaskRunner): WasmHeap {
  const wasm = moduleOf(backend);
  const [scratch, prepared] = [createBlock(wasm), createBlock(wasm)];
  const keptBytes = new Map<number, number>();
  let keptTotal = 0;
  const address = (tensor: TensorInfo): number => backend.getMemoryOffset(tensor.dataId);
  return {
    kernels,
    threads: runner.threads,
    run: runner.run,
    address,
    output: (shape, dtype = 'float32') => backend.makeOutput([...shape], dtype),
    clear: (tensor) => {
      const start = address(tensor);
      wasm.HEAPU8.fill(0, start, start + count(tensor.shape) * 4);
    },
    share: (tensor, shape = tensor.shape) => {
      backend.incRef(tensor.dataId);
      return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype };
    },
    floats: (tensor) => new Float32Array(wasm.HEAPU8.buffer, address(tensor), count(tensor.shape)),
    write: (at, values) => wasm.HEAPU8.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at),
    scratch: (...sizes) => scratch(sizes),
    prepare: (_from, sizes, fill) => {
      const addresses = prepared(sizes);
      fill(addresses);
      return addresses;
    },
    keep: (_from, make) => make(),
    allocate: (bytes) => {
      if (keptTotal + bytes > KEPT_BYTES) return null;
      const at = wasm._malloc(bytes) >>> 0;
      keptTotal += bytes;
      keptBytes.set(at, bytes);
      return at;
    },
    free: (at) => {
      wasm._free(at);
      keptTotal -= keptBytes.get(at)!;
      keptBytes.delete(at);
    },
  };
}

/** The heap as one call of a plan sees it: what it prepares of constants is kept. */
function keptHeap(heap: WasmHeap, kept: KeptByCall): WasmHeap & { begin(): void } {
  // A call of a plan asks for the same things in the same order at every run.
  const made: unknown[] = [];
  const blocks: number[] = [];
  let next = 0;
  kept.dispose = () => blocks.splice(0).forEach(heap.free);
  const once = <T>(make: () => T): T => {
    const index = next++;
    if (index === made.length) made.push(make());
    return made[index] as T;
  };
  const fixed = (from: readonly TensorInfo[]): boolean => from.every((tensor) => kept.constants.has(tensor));
  const fillBlock = (sizes: readonly number[], fill: (addresses: readonly number[]) => void): readonly number[] | null => {
    const block = heap.allocate(sizes.reduce((sum, size) => sum + align(size), 64));
    if (block === null) return null;
    blocks.push(block);
    const addresses = placed(block, sizes);
    fill(addresses);
    return addresses;
  };
  return {
    ...heap,
    begin: () => void (next = 0),
    keep: (from, make) => (fixed(from) ? once(make) : make()),
    prepare: (from, sizes, fill) => (fixed(from) ? once(() => fillBlock(sizes, fill)) : null) ?? heap.prepare(from, sizes, fill),
  };
}

/** The heap for a kernel's call, in a plan or not. */
export function heapFor(heap: WasmHeap, kept: KeptByCall | undefined): WasmHeap {
  if (!kept) return heap;
  const own = (kept.value ??= keptHeap(heap, kept)) as ReturnType<typeof keptHeap>;
  own.begin();
  return own;
}
