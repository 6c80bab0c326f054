import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';

// What follows a styled convolution, limit(gain · lrelu(v · scale + noise + b)), as a piece of WGSL that kernels end with.

/** What is added and multiplied; all may be absent. */
export interface EpilogueInputs {
  /** [N,C]. */
  readonly scale?: TensorInfo | undefined;
  /** [N,h,w,1] or [1,h,w,1]. */
  readonly noise?: TensorInfo | undefined;
  /** [C]. */
  readonly b?: TensorInfo | undefined;
}

const PARTS = ['scale', 'noise', 'b'] as const;
/** Which inputs there are: programs differ by them. */
export type EpilogueParts = readonly (typeof PARTS)[number][];

/** All sets of parts. */
export const ALL_PARTS: readonly EpilogueParts[] = Array.from({ length: 2 ** PARTS.length }, (_, bits) => PARTS.filter((_, k) => bits >> k & 1));

/** The parts of a call, and their tensors in order. */
export function partsOf(inputs: EpilogueInputs): { readonly parts: EpilogueParts; readonly tensors: readonly TensorInfo[] } {
  const parts = PARTS.filter((name) => inputs[name]);
  return { parts, tensors: parts.map((name) => inputs[name]!) };
}

/** WGSL: v · scale + noise + b of those parts that there are, at a `column`, a `sample` and a `pixel` of all samples. */
export const styledSum = (v: string, parts: EpilogueParts, columns = 'params.columns'): string => [
  `${v}${parts.includes('scale') ? ` * scale[sample * ${columns} + column]` : ''}`,
  ...(parts.includes('noise') ? ['noise[pixel % params.noisePixels]'] : []),
  ...(parts.includes('b') ? ['b[column]'] : []),
].join(' + ');

/** Members of `params`. */
export const EPILOGUE_INTS = ['noisePixels'] as const;
export const EPILOGUE_FLOATS = ['alpha', 'slope', 'bound'] as const;
/** Types of the arrays that are not T. */
export const EPILOGUE_TYPES = { noise: 'f32' } as const;

/** The values of those members. */
export const epilogueInts = ({ noise }: EpilogueInputs): number[] => [noise ? util.sizeFromShape(noise.shape) : 1];
export const epilogueFloats = ({ alpha, gain, clamp }: BiasLreluAttrs): number[] => [alpha, gain, clamp];

/** WGSL of `finish`. `columns` is the number of columns in units of T. */
export const epilogueSource = (parts: EpilogueParts, columns?: string): string => /* wgsl */ `
fn finish(v: T, sample: i32, column: i32, pixel: i32) -> T {
  let u = ${styledSum('v', parts, columns)};
  let r = u * select(T(params.alpha), T(1), u > T(0)) * params.slope;
  return select(r, clamp(r, T(-params.bound), T(params.bound)), params.bound >= 0);
}`;
