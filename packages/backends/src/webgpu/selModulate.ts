import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';
import { selStatistics } from './selStatistics.js';

const program = (lanes: 1 | 4) => elementwiseProgram('selModulate', lanes, {
  inputs: ['x', 'statistics', 'scale', 'shift'],
  outputs: ['y'],
  ints: ['pixels', 'columns'],
  types: { scale: 'f32', shift: 'f32' },
  body: /* wgsl */ `
  let pixel = i / params.columns;
  let at = pixel / params.pixels * 2 * params.columns + i % params.columns;
  y[i] = (x[i] - statistics[at]) * statistics[at + params.columns] * scale[pixel] + shift[pixel];`,
});
const programs = { 1: program(1), 4: program(4) } as const;

/** What is checked when the backend is activated. */
export const SEL_MODULATE_PROGRAMS = [programs[1], programs[4]];

/** SEL_MODULATE: the statistics and one pass that normalizes and denormalizes. */
export function selModulate(
  gpu: GpuContext, { x, scale, shift }: { readonly x: TensorInfo; readonly scale: TensorInfo; readonly shift: TensorInfo }, epsilon: number,
): TensorInfo {
  const [, h, w, C] = x.shape as [number, number, number, number];
  const statistics = selStatistics(gpu, x, epsilon);
  const out = gpu.output(x.shape);
  const lanes = lanesOf(C);
  elementwise(gpu, programs[lanes], {
    lanes, size: util.sizeFromShape(x.shape), inputs: [x, statistics, scale, shift], outputs: [out], ints: [h * w, C / lanes],
  });
  gpu.free(statistics);
  return out;
}
