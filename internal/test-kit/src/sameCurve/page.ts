import { wasm } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import type { Curve } from '../curveDifference.js';
import { trainCurve } from './trainCurve.js';

const backends = {
  wasm: () => wasm({ wasmPaths: '/wasm/' }),
  webgpu: () => webgpu({ allowSoftware: true }),
};

/** Trains on a backend of this browser. */
async function runCurve(name: keyof typeof backends, steps: number): Promise<Curve> {
  await backends[name]().activate();
  return trainCurve(steps);
}

Object.assign(globalThis, { runCurve });
