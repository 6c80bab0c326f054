import { wasm } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import { holdWorkerLock } from '@spatialgan/model/recovery';
import { serveRuntime } from '@spatialgan/model/worker';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';

const at = (url: string): string => new URL(url, import.meta.url).href;
const wasmPaths = {
  'tfjs-backend-wasm.wasm': at(plain), 'tfjs-backend-wasm-simd.wasm': at(simd), 'tfjs-backend-wasm-threaded-simd.wasm': at(threads),
};

// Freed when the browser ends this Worker, which no event tells the page.
void holdWorkerLock(self.name);
// Typed as a window by the DOM library; a Worker and its global scope post messages alike.
serveRuntime(self as unknown as Worker, { backends: [webgpu(), wasm({ wasmPaths })] });
