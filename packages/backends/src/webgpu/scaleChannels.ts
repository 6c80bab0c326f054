import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

const program = (lanes: 1 | 4) => elementwiseProgram('scaleChannels', lanes, {
  inputs: ['x', 'scale'],
  outputs: ['y'],
  ints: ['perSample', 'columns'],
  body: 'y[i] = x[i] * scale[i / params.perSample * params.columns + i % params.columns];',
});
const programs = { 1: program(1), 4: program(4) } as const;

/** What is checked when the backend is activated. */
export const SCALE_CHANNELS_PROGRAMS = [programs[1], programs[4]];

/** SCALE_CHANNELS: one pass. x [N,h,w,C], scale [N,C]. */
export function scaleChannels(gpu: GpuContext, x: TensorInfo, scale: TensorInfo): TensorInfo {
  const [, h, w, C] = x.shape as [number, number, number, number];
  const out = gpu.output(x.shape);
  const lanes = lanesOf(C);
  elementwise(gpu, programs[lanes], {
    lanes, size: util.sizeFromShape(x.shape), inputs: [x, scale], outputs: [out], ints: [h * w * C / lanes, C / lanes],
  });
  return out;
}
