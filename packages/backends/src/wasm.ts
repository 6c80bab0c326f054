import { type Backend, type BackendCapabilities, SpatialGANError } from '@spatialgan/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { env } from '@tensorflow/tfjs-core';
import { activateTfjs, assertSupported, currentBackend, optionalPeer } from './activateTfjs.js';
import { builtin, inNode } from './builtin.js';
import { createWasmHeap, memoryOf } from './wasm/heap.js';
import { instantiateKernels } from './wasm/kernels.js';
import { registerWasmKernels } from './wasm/registerKernels.js';
import { instantiatingShared } from './wasm/sharedMemory.js';
import { createThreadPool, type TaskRunner } from './wasm/threadPool.js';

export { wasmPeak } from './wasm/peak.js';

/** Settings of {@link wasm}. */
export interface WasmOptions {
  /**
   * Where tfjs's .wasm files are served: a folder's URL with a slash at its end, or the URL of each file. Node finds
   * them in the package; bundlers need it unless they copy the files beside the bundle.
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
  /**
   * Threads that a kernel may use. Default: one per core, at most 8, where memory can be shared (Node; pages that are
   * cross-origin isolated), else one. Results do not depend on it, bit for bit. Give 1 to programs that run several
   * backends side by side, one per worker.
   */
  readonly threads?: number;
  /**
   * Let Node 20 compile fused multiply-add (V8's flag --experimental-wasm-relaxed-simd; later engines have it anyhow),
   * about twice the convolution speed. Default true.
   */
  readonly relaxedSimd?: boolean;
}

const load = () => optionalPeer(() => import('@tensorflow/tfjs-backend-wasm'));

const CAPABILITIES: BackendCapabilities = { training: true, syncRead: true, floatBits: 32, maxBufferBytes: 2 ** 31 };

/** WebAssembly with SIMD: tfjs-wasm plus our own kernels working on its memory. */
export function wasm(options: WasmOptions = {}): Backend {
  const unsupportedReason = async (): Promise<string | null> => {
    if (typeof WebAssembly !== 'object') return 'this engine has no WebAssembly';
    return (await load()) ? null : '@tensorflow/tfjs-backend-wasm is not installed';
  };
  return {
    name: 'wasm',
    unsupportedReason,
    activate: async () => {
      assertSupported('wasm', await unsupportedReason());
      const { setWasmPaths } = (await load())!;
      if (options.wasmPaths !== undefined) setWasmPaths(options.wasmPaths as string | Record<string, string>);
      const threads = threadCount(options.threads);
      env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // tfjs's threaded build has stock kernels only and does not run in Node
      const start = (): Promise<BackendCapabilities> => activateTfjs('wasm', CAPABILITIES);
      const capabilities = await (threads > 1 ? instantiatingShared(start) : start());
      if (options.relaxedSimd ?? true) builtin('v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
      await addKernels(currentBackend<BackendWasm>(), threads);
      return capabilities;
    },
  };
}

const MAX_THREADS = 8;

/** The number of threads to use. @throws SpatialGANError 'CONFIG' unless a positive integer. */
function threadCount(wanted: number | undefined): number {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1)) {
    throw new SpatialGANError('CONFIG', `wasm: threads must be a positive integer, got ${String(wanted)}`);
  }
  const mayShare = typeof SharedArrayBuffer === 'function' && (inNode() || globalThis.crossOriginIsolated);
  if (!mayShare) return 1;
  const cores = builtin('os')?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.min(wanted ?? cores, MAX_THREADS);
}

/** The thread pool of each tfjs backend, so that activating it again does not start more threads. */
const pools = new WeakMap<BackendWasm, TaskRunner>();

async function addKernels(backend: BackendWasm, threads: number): Promise<void> {
  const memory = memoryOf(backend);
  const loaded = memory && await instantiateKernels(memory);
  if (!loaded) return;
  const shared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
  pools.get(backend)?.dispose();
  const runner = createThreadPool({ ...loaded, memory }, shared ? threads : 1);
  pools.set(backend, runner);
  await runner.ready();
  registerWasmKernels(createWasmHeap(backend, loaded.kernels, runner));
}
