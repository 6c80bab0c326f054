import type { TensorInfo } from '@tensorflow/tfjs-core';
import {
  ADAM_STEP, ADAM_STEPS, BIAS_LRELU, BIAS_LRELU_GRAD, COLUMN_SUM, CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, DEMODULATION, DEMODULATION_GRAD, GATHER_ROWS, LRELU, LRELU_GRAD,
  MINIBATCH_STD, MINIBATCH_STD_GRAD, MODULATED_CONV2D, MOVING_AVERAGE, MOVING_AVERAGES, RESIZE, RESIZE_GRAD, SCALE_CHANNELS, SCALE_CHANNELS_GRAD, SCATTER_ROWS, SEL_MODULATE, SEL_MODULATE_GRAD, SPATIAL_SUM, STYLED_ACTIVATION, STYLED_ACTIVATION_GRAD, UPFIRDN2D,
} from '@spatialgan/ops';
import { adam, ADAM_PROGRAMS } from './adam.js';
import { adamSteps, adamStepsPrograms } from './adamSteps.js';
import type { GpuContext } from './context.js';
import { conv2dFilterGrad, filterGradProgram } from './convFilterGrad.js';
import { conv2dForward, conv2dInputGrad } from './convGather.js';
import { gatherProgram } from './convGatherShader.js';
import { demodulation, DEMODULATION_PROGRAMS } from './demodulation.js';
import { demodulationGrad, DEMODULATION_GRAD_PROGRAMS } from './demodulationGrad.js';
import { gatherRows, GATHER_ROWS_PROGRAMS } from './gatherRows.js';
import type { TileName } from './convTiles.js';
import { biasLreluGrad, LRELU_GRAD_PROGRAMS } from './lreluGrad.js';
import { matMul } from './matMul.js';
import { minibatchStd, minibatchStdGrad, MINIBATCH_STD_GRAD_PROGRAMS, MINIBATCH_STD_PROGRAMS } from './minibatchStd.js';
import { modulatedConv2d } from './modulatedConv2d.js';
import { movingAverage, MOVING_AVERAGE_PROGRAMS } from './movingAverage.js';
import { movingAverages, MOVING_AVERAGES_PROGRAMS } from './movingAverages.js';
import type { Program } from './pipelines.js';
import { columnSum, reduceSum, spatialSum } from './reduce.js';
import { resize, RESIZE_PROGRAMS } from './resize.js';
import { resizeGrad, RESIZE_GRAD_PROGRAMS } from './resizeGrad.js';
import { scaleChannels, SCALE_CHANNELS_PROGRAMS } from './scaleChannels.js';
import { scaleChannelsGrad, SCALE_CHANNELS_GRAD_PROGRAMS } from './scaleChannelsGrad.js';
import { scatterRows, SCATTER_ROWS_PROGRAMS } from './scatterRows.js';
import { selModulate, SEL_MODULATE_PROGRAMS } from './selModulate.js';
import { selModulateGrad, SEL_MODULATE_GRAD_PROGRAMS } from './selModulateGrad.js';
import { SEL_STATISTICS_PROGRAMS } from './selStatistics.js';
import { styledActivation, STYLED_ACTIVATION_PROGRAMS } from './styledActivation.js';
import { styledActivationGrad, STYLED_ACTIVATION_GRAD_PROGRAMS } from './styledActivationGrad.js';
import { SUM_PARTS_PROGRAMS } from './sumParts.js';
import { sumRowsPrograms } from './sumRows.js';
import { upfirdn2d, UPFIRDN_PROGRAMS } from './upfirdn2d.js';

/** A kernel's inputs by name. */
export type KernelInputs = Readonly<Record<string, TensorInfo>>;
type Outcome = TensorInfo | TensorInfo[] | null;

/** One kernel of the webgpu backend. */
export interface GpuKernel {
  /** What must be without errors before the kernel is registered; further tiles of the same shaders are compiled when they are first used. */
  readonly programs: (gpu: GpuContext) => readonly Program[];
  /** null hands the call back to tfjs's kernel. */
  readonly run: (gpu: GpuContext, inputs: KernelInputs, attrs: never) => Outcome;
}

const usual = ({ software }: GpuContext): TileName => (software ? 'small' : 'square');
const conv = (backward: boolean) => (gpu: GpuContext): readonly Program[] =>
  [true, false].map((vec) => gatherProgram(usual(gpu), { vec, backward, arithmetic: gpu.arithmetic })).concat(SUM_PARTS_PROGRAMS);
const filterGrads = (gpu: GpuContext): readonly Program[] =>
  [true, false].map((vec) => filterGradProgram(usual(gpu), vec, gpu.arithmetic)).concat(SUM_PARTS_PROGRAMS);
const sums = (gpu: GpuContext): readonly Program[] => sumRowsPrograms(gpu.subgroups);

/** A layer of the synthesis; other sets of parts compile when they are used. */
const modulatedPrograms = (gpu: GpuContext): readonly Program[] => [
  gatherProgram(usual(gpu), { vec: true, backward: false, arithmetic: gpu.arithmetic, modulated: { styles: 'sample', epilogue: ['scale', 'noise', 'b'] } }),
  gatherProgram(usual(gpu), { vec: true, backward: true, arithmetic: gpu.arithmetic, modulated: { styles: 'sample' } }),
];

/** Kernels of our own ops. */
export const OPS: Readonly<Record<string, GpuKernel>> = {
  [CONV2D]: { programs: conv(false), run: (gpu, { x, filter }, attrs) => conv2dForward(gpu, x!, filter!, attrs) },
  [CONV2D_INPUT_GRAD]: { programs: conv(true), run: (gpu, { dy, filter }, attrs) => conv2dInputGrad(gpu, dy!, filter!, attrs) },
  [CONV2D_FILTER_GRAD]: {
    programs: filterGrads,
    run: (gpu, { x, dy }, attrs) => conv2dFilterGrad(gpu, x!, dy!, attrs),
  },
  [UPFIRDN2D]: { programs: () => UPFIRDN_PROGRAMS, run: (gpu, { x, f }, attrs) => upfirdn2d(gpu, { x: x!, f: f! }, attrs) },
  [BIAS_LRELU]: { programs: () => STYLED_ACTIVATION_PROGRAMS, run: (gpu, { x, b }, attrs) => styledActivation(gpu, { x: x!, b }, attrs) },
  [BIAS_LRELU_GRAD]: { programs: () => LRELU_GRAD_PROGRAMS, run: (gpu, { dy, x, b }, attrs) => biasLreluGrad(gpu, { dy: dy!, x: x!, b }, attrs) },
  [LRELU]: { programs: () => STYLED_ACTIVATION_PROGRAMS, run: (gpu, { x }, attrs) => styledActivation(gpu, { x: x! }, attrs) },
  [LRELU_GRAD]: { programs: () => LRELU_GRAD_PROGRAMS, run: (gpu, { dy, x }, attrs) => biasLreluGrad(gpu, { dy: dy!, x: x! }, attrs) },
  [STYLED_ACTIVATION]: {
    programs: () => STYLED_ACTIVATION_PROGRAMS,
    run: (gpu, { x, scale, noise, b }, attrs) => styledActivation(gpu, { x: x!, scale, noise, b }, attrs),
  },
  [STYLED_ACTIVATION_GRAD]: {
    programs: (gpu) => [...STYLED_ACTIVATION_GRAD_PROGRAMS, ...sums(gpu)],
    run: (gpu, { dy, x, scale, noise, b }, attrs) => styledActivationGrad(gpu, { dy: dy!, x: x!, scale, noise, b }, attrs),
  },
  [MODULATED_CONV2D]: {
    programs: (gpu) => [...modulatedPrograms(gpu), ...DEMODULATION_PROGRAMS, ...sums(gpu), ...UPFIRDN_PROGRAMS],
    run: (gpu, { x, weight, styles, noise, b, f }, attrs) => modulatedConv2d(gpu, { x: x!, weight: weight!, styles: styles!, noise, b, f }, attrs),
  },
  [MINIBATCH_STD]: { programs: () => MINIBATCH_STD_PROGRAMS, run: (gpu, { x }, attrs) => minibatchStd(gpu, x!, attrs) },
  [MINIBATCH_STD_GRAD]: { programs: () => MINIBATCH_STD_GRAD_PROGRAMS, run: (gpu, { x, dy }, attrs) => minibatchStdGrad(gpu, { x: x!, dy: dy! }, attrs) },
  [ADAM_STEP]: { programs: () => ADAM_PROGRAMS, run: (gpu, inputs, attrs) => adam(gpu, inputs, attrs) },
  [MOVING_AVERAGE]: {
    programs: () => MOVING_AVERAGE_PROGRAMS,
    run: (gpu, { average, now }, { beta }: { beta: number }) => movingAverage(gpu, { average: average!, now: now! }, beta),
  },
  [ADAM_STEPS]: {
    programs: (gpu) => [...ADAM_PROGRAMS, ...adamStepsPrograms(gpu)],
    run: (gpu, inputs, attrs) => adamSteps(gpu, Object.values(inputs), attrs),
  },
  [MOVING_AVERAGES]: {
    programs: () => [...MOVING_AVERAGE_PROGRAMS, ...MOVING_AVERAGES_PROGRAMS],
    run: (gpu, inputs, { beta }: { beta: number }) => movingAverages(gpu, Object.values(inputs), beta),
  },
  [SPATIAL_SUM]: { programs: sums, run: (gpu, { x }) => spatialSum(gpu, x!) },
  [COLUMN_SUM]: { programs: sums, run: (gpu, { x }) => columnSum(gpu, x!) },
  [RESIZE]: { programs: () => RESIZE_PROGRAMS, run: (gpu, { x }, attrs) => resize(gpu, x!, attrs) },
  [RESIZE_GRAD]: { programs: () => RESIZE_GRAD_PROGRAMS, run: (gpu, { dy }, attrs) => resizeGrad(gpu, dy!, attrs) },
  [SEL_MODULATE]: {
    programs: () => [...SEL_STATISTICS_PROGRAMS, ...SEL_MODULATE_PROGRAMS],
    run: (gpu, { x, scale, shift }, { epsilon }: { epsilon: number }) => selModulate(gpu, { x: x!, scale: scale!, shift: shift! }, epsilon),
  },
  [SEL_MODULATE_GRAD]: {
    programs: (gpu) => [...SEL_STATISTICS_PROGRAMS, ...SEL_MODULATE_GRAD_PROGRAMS, ...sums(gpu)],
    run: (gpu, { x, scale, dy }, { epsilon }: { epsilon: number }) => selModulateGrad(gpu, { x: x!, scale: scale!, dy: dy! }, epsilon),
  },
  [SCALE_CHANNELS]: { programs: () => SCALE_CHANNELS_PROGRAMS, run: (gpu, { x, scale }) => scaleChannels(gpu, x!, scale!) },
  [SCALE_CHANNELS_GRAD]: {
    programs: (gpu) => [...SCALE_CHANNELS_GRAD_PROGRAMS, ...sums(gpu)],
    run: (gpu, { x, scale, dy }) => scaleChannelsGrad(gpu, { x: x!, scale: scale!, dy: dy! }),
  },
  [DEMODULATION]: {
    programs: () => DEMODULATION_PROGRAMS,
    run: (gpu, { weight, styles }, { epsilon }: { epsilon: number }) => demodulation(gpu, weight!, styles!, epsilon),
  },
  [DEMODULATION_GRAD]: {
    programs: () => [...DEMODULATION_PROGRAMS, ...DEMODULATION_GRAD_PROGRAMS],
    run: (gpu, { weight, styles, dy }, { epsilon }: { epsilon: number }) => demodulationGrad(gpu, { weight: weight!, styles: styles!, dy: dy! }, epsilon),
  },
  [GATHER_ROWS]: { programs: () => GATHER_ROWS_PROGRAMS, run: (gpu, { x, indices }) => gatherRows(gpu, x!, indices!) },
  [SCATTER_ROWS]: {
    programs: () => SCATTER_ROWS_PROGRAMS,
    run: (gpu, { x, indices }, { rows }: { rows: number }) => scatterRows(gpu, x!, indices!, rows),
  },
};

/** Kernels of tfjs that take several passes where ours take one, or have no tiles for products of few rows. */
export const STOCK: Readonly<Record<string, GpuKernel>> = {
  BatchMatMul: {
    programs: (gpu) => [...conv(false)(gpu), ...conv(true)(gpu), ...filterGrads(gpu)],
    run: (gpu, { a, b }, attrs) => matMul(gpu, { a: a!, b: b! }, attrs),
  },
  Sum: { programs: sums, run: (gpu, { x }, attrs) => reduceSum(gpu, x!, attrs, false) },
  Mean: { programs: sums, run: (gpu, { x }, attrs) => reduceSum(gpu, x!, attrs, true) },
};
