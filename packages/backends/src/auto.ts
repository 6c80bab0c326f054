import type { Backend } from '@spatialgan/core';
import { inNode } from './builtin.js';
import { cpu } from './cpu.js';
import { node } from './node.js';
import { nodeGpu } from './nodeGpu.js';
import { wasm, type WasmOptions } from './wasm.js';
import { webgpu } from './webgpu.js';

/** The order of preference: node-gpu and WebGPU on a real GPU, then libtensorflow, wasm and cpu; those of Node in Node only. */
export function autoBackends(options: { readonly wasm?: WasmOptions } = {}): readonly Backend[] {
  const portable = [wasm(options.wasm), cpu()];
  return inNode() ? [nodeGpu(), webgpu(), node(), ...portable] : [webgpu(), ...portable];
}
