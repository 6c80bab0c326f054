import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

/** gain · lrelu(x + b), limited to ±bound where bound ≥ 0. */
const program = (lanes: 1 | 4, bias: boolean) => elementwiseProgram(`lrelu${bias ? 'Bias' : ''}`, lanes, {
  inputs: bias ? ['x', 'b'] : ['x'],
  outputs: ['y'],
  ints: ['columns'],
  floats: ['alpha', 'gain', 'bound'],
  body: /* wgsl */ `
  let v = x[i]${bias ? ' + b[i % params.columns]' : ''};
  let r = v * select(T(params.alpha), T(1), v > T(0)) * params.gain;
  y[i] = select(r, clamp(r, T(-params.bound), T(params.bound)), params.bound >= 0);`,
});
const programs = { 1: [program(1, false), program(1, true)], 4: [program(4, false), program(4, true)] } as const;

/** Compiled when the backend is activated. */
export const LRELU_PROGRAMS = [...programs[1], ...programs[4]];

/** BIAS_LRELU and LRELU: one pass. */
export function biasLrelu(gpu: GpuContext, x: TensorInfo, b: TensorInfo | undefined, { alpha, gain, clamp }: BiasLreluAttrs): TensorInfo {
  const out = gpu.output(x.shape);
  const size = util.sizeFromShape(x.shape);
  const columns = b?.shape[0] ?? size;
  const lanes = lanesOf(size, columns);
  elementwise(gpu, programs[lanes][b ? 1 : 0], { lanes, size, inputs: b ? [x, b] : [x], outputs: [out], ints: [columns / lanes], floats: [alpha, gain, clamp] });
  return out;
}
