import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

const program = (lanes: 1 | 4) => elementwiseProgram('movingAverage', lanes, {
  inputs: ['average', 'now'],
  outputs: ['next'],
  floats: ['beta'],
  body: 'next[i] = now[i] + (average[i] - now[i]) * params.beta;',
});
const programs = { 1: program(1), 4: program(4) } as const;

/** Compiled when the backend is activated. */
export const MOVING_AVERAGE_PROGRAMS = [programs[1], programs[4]];

/** MOVING_AVERAGE: one pass, into a tensor that is there already or a fresh one. */
export function movingAverage(
  gpu: GpuContext, { average, now, next = gpu.output(now.shape) }: { readonly average: TensorInfo; readonly now: TensorInfo; readonly next?: TensorInfo }, beta: number,
): TensorInfo {
  const size = util.sizeFromShape(now.shape);
  const lanes = lanesOf(size);
  // The factor changes from step to step while it ramps up.
  elementwise(gpu, programs[lanes], { lanes, size, inputs: [average, now], outputs: [next], floats: [beta], changing: true });
  return next;
}
