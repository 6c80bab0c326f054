import type { Backend, BackendCapabilities } from '@spatialgan/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { env } from '@tensorflow/tfjs-core';
import { activateTfjs, assertSupported, currentBackend, optionalPeer } from './activateTfjs.js';
import { builtin } from './builtin.js';
import { createWasmHeap, memoryOf } from './wasm/heap.js';
import { instantiateKernels } from './wasm/kernels.js';
import { registerWasmKernels } from './wasm/registerKernels.js';

/** Settings of {@link wasm}. */
export interface WasmOptions {
  /**
   * Where tfjs's .wasm files are served: a folder's URL with a slash at its end, or the URL of each file. Node finds
   * them in the package; bundlers need it unless they copy the files beside the bundle.
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
  /**
   * Use tfjs's threaded build where the page is cross-origin isolated. It has stock kernels only: ours work on
   * unshared memory. Default false. Node has one thread either way.
   */
  readonly threads?: boolean;
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
      if (!options.threads) env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
      const capabilities = await activateTfjs('wasm', CAPABILITIES);
      if (options.relaxedSimd ?? true) builtin('v8')?.setFlagsFromString('--experimental-wasm-relaxed-simd');
      await addKernels(currentBackend<BackendWasm>());
      return capabilities;
    },
  };
}

async function addKernels(backend: BackendWasm): Promise<void> {
  const memory = memoryOf(backend);
  const shared = typeof SharedArrayBuffer === 'function' && memory?.buffer instanceof SharedArrayBuffer;
  const loaded = memory && !shared ? await instantiateKernels(memory) : null;
  if (loaded) registerWasmKernels(createWasmHeap(backend, loaded.kernels));
}
