import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

const program = (lanes: 1 | 4) => elementwiseProgram('gatherRows', lanes, {
  inputs: ['x', 'indices'],
  outputs: ['y'],
  ints: ['columns'],
  types: { indices: 'i32' },
  body: 'y[i] = x[indices[i / params.columns] * params.columns + i % params.columns];',
});
const programs = { 1: program(1), 4: program(4) } as const;

/** Compiled when the backend is activated. */
export const GATHER_ROWS_PROGRAMS = [programs[1], programs[4]];

/** GATHER_ROWS: one pass. */
export function gatherRows(gpu: GpuContext, x: TensorInfo, indices: TensorInfo): TensorInfo {
  const [M, C] = [indices.shape[0]!, x.shape[1]!];
  const lanes = lanesOf(C);
  const out = gpu.output([M, C]);
  elementwise(gpu, programs[lanes], { lanes, size: M * C, inputs: [x, indices], outputs: [out], ints: [C / lanes] });
  return out;
}
