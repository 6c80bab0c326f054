import { wasm } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import { serveRuntime } from '@spatialgan/model/worker';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';

const at = (url) => new URL(url, import.meta.url).href;
const wasmPaths = { 'tfjs-backend-wasm.wasm': at(plain), 'tfjs-backend-wasm-simd.wasm': at(simd), 'tfjs-backend-wasm-threaded-simd.wasm': at(threads) };

serveRuntime(self, { backends: [webgpu(), wasm({ wasmPaths })] });
