import { wasm } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import type { Curve } from '../curveDifference.js';
import { trainCurve } from './trainCurve.js';

/** A kernel that does not compile would be computed in its plain form: here it is a failure. */
const rethrow = (error: Error): never => {
  throw error;
};

const backends = {
  wasm: () => wasm({ wasmPaths: '/wasm/' }),
  webgpu: () => webgpu({ allowSoftware: true, onKernelError: rethrow }),
};

/** Trains on a backend of this browser. */
async function runCurve(name: keyof typeof backends, steps: number): Promise<Curve> {
  await backends[name]().activate();
  return trainCurve(steps);
}

Object.assign(globalThis, { runCurve });
