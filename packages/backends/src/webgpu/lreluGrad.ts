import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

/** dy · gain · lrelu'(x + b), zero beyond the bound (at it the gradient passes). */
const program = (lanes: 1 | 4, bias: boolean) => elementwiseProgram(`lreluGrad${bias ? 'Bias' : ''}`, lanes, {
  inputs: bias ? ['dy', 'x', 'b'] : ['dy', 'x'],
  outputs: ['dx'],
  ints: ['columns'],
  floats: ['alpha', 'gain', 'bound'],
  body: /* wgsl */ `
  let v = x[i]${bias ? ' + b[i % params.columns]' : ''};
  let slope = select(T(params.alpha), T(1), v > T(0)) * params.gain;
  let passes = (abs(v * slope) <= T(params.bound)) | (T(params.bound) < T(0));
  dx[i] = select(T(0), dy[i] * slope, passes);`,
});
const programs = { 1: [program(1, false), program(1, true)], 4: [program(4, false), program(4, true)] } as const;

/** Compiled when the backend is activated. */
export const LRELU_GRAD_PROGRAMS = [...programs[1], ...programs[4]];

/** BIAS_LRELU_GRAD and LRELU_GRAD: one pass. */
export function biasLreluGrad(
  gpu: GpuContext, { dy, x, b }: { readonly dy: TensorInfo; readonly x: TensorInfo; readonly b?: TensorInfo | undefined }, { alpha, gain, clamp }: BiasLreluAttrs,
): TensorInfo {
  const out = gpu.output(x.shape);
  const size = util.sizeFromShape(x.shape);
  const columns = b?.shape[0] ?? size;
  const lanes = lanesOf(size, columns);
  elementwise(gpu, programs[lanes][b ? 1 : 0], { lanes, size, inputs: b ? [dy, x, b] : [dy, x], outputs: [out], ints: [columns / lanes], floats: [alpha, gain, clamp] });
  return out;
}
