import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { AdamAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

/** The f32 of Adam's parameters; the shares are 1 - beta in double precision: of beta near one, a float would lose digits. */
export const ADAM_FLOATS = ['beta1', 'share1', 'beta2', 'share2', 'eps', 'rate', 'scale', 'infinite'] as const;

/** Their values, in order. */
export const adamFloats = ({ lr, beta1, beta2, eps, step, infinite }: AdamAttrs): number[] =>
  [beta1, 1 - beta1, beta2, 1 - beta2, eps, lr / (1 - beta1 ** step), 1 / (1 - beta2 ** step), infinite ?? 0];

/**
 * WGSL: the gradient of its bits, NaN → 0 and ±∞ → ±infinite where `repair` is set. WGSL compilers may assume that no NaN and no
 * infinity occurs, so what is not finite is told by its bits, and the gradient is read as bits: a float comparison may be folded away.
 */
export const finiteGradient = (U: 'u32' | 'vec4u'): string => /* wgsl */ `
fn finite(bits: ${U}) -> T {
  let size = bits & ${U}(0x7fffffffu);
  let sign = bits & ${U}(0x80000000u);
  var kept = select(bits, sign | ${U}(bitcast<u32>(params.infinite)), size == ${U}(0x7f800000u));
  kept = select(kept, ${U}(0u), size > ${U}(0x7f800000u));
  return bitcast<T>(select(bits, kept, ${U}(u32(params.repair)) != ${U}(0u)));
}`;

const program = (lanes: 1 | 4) => {
  const U = lanes === 4 ? 'vec4u' : 'u32';
  return elementwiseProgram('adam', lanes, {
    inputs: ['param', 'grad', 'm', 'v'],
    outputs: ['paramNext', 'mNext', 'vNext'],
    ints: ['repair'],
    floats: ADAM_FLOATS,
    types: { grad: U },
    functions: finiteGradient(U),
    body: /* wgsl */ `
  let g = finite(grad[i]);
  let mean = m[i] * params.beta1 + g * params.share1;
  let square = v[i] * params.beta2 + g * g * params.share2;
  mNext[i] = mean;
  vNext[i] = square;
  paramNext[i] = param[i] - mean / (sqrt(square * params.scale) + params.eps) * params.rate;`,
  });
};
const programs = { 1: program(1), 4: program(4) } as const;

/** Compiled when the backend is activated. */
export const ADAM_PROGRAMS = [programs[1], programs[4]];

/** ADAM_STEP: one pass, [param, m, v], into tensors that are there already or fresh ones. */
export function adam(
  gpu: GpuContext, { param, grad, m, v }: Readonly<Record<string, TensorInfo>>, attrs: AdamAttrs, into?: readonly TensorInfo[],
): TensorInfo[] {
  const outputs = [...into ?? [param!, m!, v!].map(({ shape }) => gpu.output(shape))];
  const size = util.sizeFromShape(param!.shape);
  const lanes = lanesOf(size);
  elementwise(gpu, programs[lanes], {
    lanes, size, inputs: [param!, grad!, m!, v!], outputs, changing: true, ints: [attrs.infinite === undefined ? 0 : 1], floats: adamFloats(attrs),
  });
  return outputs;
}
