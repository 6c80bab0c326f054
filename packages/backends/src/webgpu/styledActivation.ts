import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

/** What STYLED_ACTIVATION, BIAS_LRELU and LRELU read; all but x may be absent. */
export interface StyledInputs {
  readonly x: TensorInfo;
  /** [N,C]. */
  readonly scale?: TensorInfo | undefined;
  /** [N,h,w,1] or [1,h,w,1]. */
  readonly noise?: TensorInfo | undefined;
  /** [C]. */
  readonly b?: TensorInfo | undefined;
}

const PARTS = ['scale', 'noise', 'b'] as const;
/** Which of a kernel's inputs there are: programs differ by them. */
export type StyledParts = readonly (typeof PARTS)[number][];

/** All sets of parts. */
export const ALL_PARTS: readonly StyledParts[] = Array.from({ length: 2 ** PARTS.length }, (_, bits) => PARTS.filter((_, k) => bits >> k & 1));

/** The parts of a call, and their tensors in order. */
export function partsOf(inputs: StyledInputs): { readonly parts: StyledParts; readonly tensors: readonly TensorInfo[] } {
  const parts = PARTS.filter((name) => inputs[name]);
  return { parts, tensors: parts.map((name) => inputs[name]!) };
}

/** WGSL: x · scale + noise + b of an entry with its column, sample and pixel (of all samples), of those parts that there are. */
export const styledSum = (x: string, parts: StyledParts): string => [
  `${x}${parts.includes('scale') ? ' * scale[sample * params.columns + column]' : ''}`,
  ...(parts.includes('noise') ? ['noise[pixel % params.noisePixels]'] : []),
  ...(parts.includes('b') ? ['b[column]'] : []),
].join(' + ');

/** gain · lrelu(x · scale + noise + b), limited to ±bound where bound ≥ 0. */
const program = (lanes: 1 | 4, parts: StyledParts) => elementwiseProgram(`styledActivation_${parts.join('_')}_`, lanes, {
  inputs: ['x', ...parts],
  outputs: ['y'],
  types: { noise: 'f32' },
  ints: ['columns', 'perSample', 'noisePixels'],
  floats: ['alpha', 'gain', 'bound'],
  body: /* wgsl */ `
  let column = i % params.columns;
  let pixel = i / params.columns;
  let sample = i / params.perSample;
  let v = ${styledSum('x[i]', parts)};
  let r = v * select(T(params.alpha), T(1), v > T(0)) * params.gain;
  y[i] = select(r, clamp(r, T(-params.bound), T(params.bound)), params.bound >= 0);`,
});

/** What is checked when the backend is activated. */
export const STYLED_ACTIVATION_PROGRAMS = ALL_PARTS.flatMap((parts) => [program(1, parts), program(4, parts)]);

/** STYLED_ACTIVATION, BIAS_LRELU and LRELU: one pass. */
export function styledActivation(gpu: GpuContext, inputs: StyledInputs, { alpha, gain, clamp }: BiasLreluAttrs): TensorInfo {
  const { x, noise } = inputs;
  const { parts, tensors } = partsOf(inputs);
  const out = gpu.output(x.shape);
  const size = util.sizeFromShape(x.shape);
  const columns = x.shape[x.shape.length - 1] ?? 1;
  const lanes = lanesOf(size, parts.length ? columns : size);
  elementwise(gpu, program(lanes, parts), {
    lanes, size, inputs: [x, ...tensors], outputs: [out],
    ints: [Math.max(1, Math.floor(columns / lanes)), Math.max(1, Math.floor(size / lanes / (x.shape[0] ?? 1))), noise ? util.sizeFromShape(noise.shape) : 1],
    floats: [alpha, gain, clamp],
  });
  return out;
}
