import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';
import {
  ALL_PARTS, EPILOGUE_FLOATS, EPILOGUE_INTS, EPILOGUE_TYPES, epilogueFloats, type EpilogueInputs, epilogueInts, type EpilogueParts, epilogueSource, partsOf,
} from './epilogue.js';

const program = (lanes: 1 | 4, parts: EpilogueParts) => elementwiseProgram(`styledActivation_${parts.join('_')}_`, lanes, {
  inputs: ['x', ...parts],
  outputs: ['y'],
  types: EPILOGUE_TYPES,
  ints: ['columns', 'perSample', ...EPILOGUE_INTS],
  floats: EPILOGUE_FLOATS,
  functions: epilogueSource(parts),
  body: 'y[i] = finish(x[i], i / params.perSample, i % params.columns, i / params.columns);',
});

/** What is checked when the backend is activated. */
export const STYLED_ACTIVATION_PROGRAMS = ALL_PARTS.flatMap((parts) => [program(1, parts), program(4, parts)]);

/** STYLED_ACTIVATION, BIAS_LRELU and LRELU: one pass. */
export function styledActivation(gpu: GpuContext, { x, ...inputs }: EpilogueInputs & { readonly x: TensorInfo }, attrs: BiasLreluAttrs): TensorInfo {
  const { parts, tensors } = partsOf(inputs);
  const out = gpu.output(x.shape);
  const size = util.sizeFromShape(x.shape);
  const columns = x.shape[x.shape.length - 1] ?? 1;
  const lanes = lanesOf(size, parts.length ? columns : size);
  elementwise(gpu, program(lanes, parts), {
    lanes, size, inputs: [x, ...tensors], outputs: [out],
    ints: [Math.max(1, Math.floor(columns / lanes)), Math.max(1, Math.floor(size / lanes / (x.shape[0] ?? 1))), ...epilogueInts(inputs)],
    floats: epilogueFloats(attrs),
  });
  return out;
}
