import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

const program = (lanes: 1 | 4) => elementwiseProgram('sumParts', lanes, {
  inputs: ['parts'],
  outputs: ['total'],
  ints: ['count'],
  body: /* wgsl */ `
  var sum = parts[i];
  for (var p = 1; p < params.count; p++) { sum += parts[p * params.size + i]; }
  total[i] = sum;`,
});
const programs = { 1: program(1), 4: program(4) } as const;

/** Compiled when the backend is activated. */
export const SUM_PARTS_PROGRAMS = [programs[1], programs[4]];

/** Adds up the parts of a divided sum, always in the same order. parts [count, ...total]. */
export function sumParts(gpu: GpuContext, parts: TensorInfo, total: TensorInfo, count: number): void {
  const size = util.sizeFromShape(total.shape);
  const lanes = lanesOf(size);
  elementwise(gpu, programs[lanes], { lanes, size, inputs: [parts], outputs: [total], ints: [count] });
}
