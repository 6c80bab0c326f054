import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';
import {
  EPILOGUE_FLOATS, EPILOGUE_INTS, EPILOGUE_TYPES, epilogueFloats, type EpilogueInputs, epilogueInts, type EpilogueParts, epilogueSource, partsOf,
} from './epilogue.js';

const SUM = /* wgsl */ `
  var sum = parts[i];
  for (var p = 1; p < params.count; p++) { sum += parts[p * params.size + i]; }`;

const program = (lanes: 1 | 4) => elementwiseProgram('sumParts', lanes, {
  inputs: ['parts'],
  outputs: ['total'],
  ints: ['count'],
  body: `${SUM}\n  total[i] = sum;`,
});
const programs = { 1: program(1), 4: program(4) } as const;

const finishing = (lanes: 1 | 4, parts: EpilogueParts) => elementwiseProgram(`sumParts_${parts.join('_')}_`, lanes, {
  inputs: ['parts', ...parts],
  outputs: ['total'],
  types: EPILOGUE_TYPES,
  ints: ['count', 'columns', 'perSample', ...EPILOGUE_INTS],
  floats: EPILOGUE_FLOATS,
  functions: epilogueSource(parts),
  body: `${SUM}\n  total[i] = finish(sum, i / params.perSample, i % params.columns, i / params.columns);`,
});

/** Compiled when the backend is activated. */
export const SUM_PARTS_PROGRAMS = [programs[1], programs[4]];

/** Adds up the parts of a divided sum, always in the same order. parts [count, ...total]. */
export function sumParts(gpu: GpuContext, parts: TensorInfo, total: TensorInfo, count: number): void {
  const size = util.sizeFromShape(total.shape);
  const lanes = lanesOf(size);
  elementwise(gpu, programs[lanes], { lanes, size, inputs: [parts], outputs: [total], ints: [count] });
}

/** {@link sumParts} of features [N,h,w,C], and what follows a styled convolution. */
export function finishParts(
  gpu: GpuContext, { parts, total, count }: { readonly parts: TensorInfo; readonly total: TensorInfo; readonly count: number }, { attrs, ...inputs }: EpilogueInputs & { readonly attrs: BiasLreluAttrs },
): void {
  const size = util.sizeFromShape(total.shape);
  const [N, , , C] = total.shape as [number, number, number, number];
  const lanes = lanesOf(C);
  const { parts: kinds, tensors } = partsOf(inputs);
  elementwise(gpu, finishing(lanes, kinds), {
    lanes, size, inputs: [parts, ...tensors], outputs: [total],
    ints: [count, C / lanes, size / N / lanes, ...epilogueInts(inputs)], floats: epilogueFloats(attrs),
  });
}
