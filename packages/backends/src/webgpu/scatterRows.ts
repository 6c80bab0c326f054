import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram } from './elementwise.js';

// WGSL has no float atomics: the bits are exchanged until nobody came between. Which of several rows is added first is left
// to the device, so sums of more than two rows may differ in the last bit from run to run, as tfjs's own scatter does.
const program = elementwiseProgram('scatterRows', 1, {
  inputs: ['x', 'indices'],
  outputs: ['y'],
  ints: ['columns'],
  types: { indices: 'i32', y: 'atomic<u32>' },
  body: /* wgsl */ `
  let at = indices[i / params.columns] * params.columns + i % params.columns;
  let value = x[i];
  var seen = atomicLoad(&y[at]);
  loop {
    let result = atomicCompareExchangeWeak(&y[at], seen, bitcast<u32>(bitcast<f32>(seen) + value));
    if (result.exchanged) { break; }
    seen = result.old_value;
  }`,
});

const zero = elementwiseProgram('zero', 1, { inputs: [], outputs: ['y'], body: 'y[i] = 0;' });

/** Compiled when the backend is activated. */
export const SCATTER_ROWS_PROGRAMS = [zero, program];

/** SCATTER_ROWS: a pass of zeros and one that adds. */
export function scatterRows(gpu: GpuContext, x: TensorInfo, indices: TensorInfo, rows: number): TensorInfo {
  const [M, C] = x.shape as [number, number];
  const out = gpu.output([rows, C]);
  elementwise(gpu, zero, { lanes: 1, size: rows * C, inputs: [], outputs: [out] });
  elementwise(gpu, program, { lanes: 1, size: M * C, inputs: [x, indices], outputs: [out], ints: [C] });
  return out;
}
