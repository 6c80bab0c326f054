import { getKernel, type KernelConfig, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import {
  ADAM_STEP, ADAM_STEPS, BIAS_LRELU, BIAS_LRELU_GRAD, COLUMN_SUM, CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, CONV2D_LRELU, CONV2D_STYLED, DEMODULATION, DEMODULATION_GRAD, LRELU, LRELU_BIAS_GRAD, LRELU_GRAD, MINIBATCH_STD, MINIBATCH_STD_GRAD, MOVING_AVERAGE, MOVING_AVERAGES, replaceKernel,
  type BiasLreluAttrs, type ConvAttrs, RESIZE, RESIZE_GRAD, SCALE_CHANNELS, SCALE_CHANNELS_GRAD, SEL_MODULATE, SEL_MODULATE_GRAD, SPATIAL_SUM, STYLED_ACTIVATION, STYLED_ACTIVATION_GRAD, UPFIRDN2D,
} from '@spatialgan/ops';
import { batchMatMul } from './batchMatMul.js';
import { conv2dFilterGrad, conv2dForward, conv2dInputGrad } from './conv2d.js';
import { binary, biasLrelu, biasLreluGrad, concat, split } from './elementwise.js';
import type { PlannedCall } from '../plan/keptByCall.js';
import { heapFor, type WasmHeap } from './heap.js';
import { minibatchStd, minibatchStdGrad } from './minibatchStd.js';
import { demodulation, demodulationGrad, scaleChannels, scaleChannelsGrad } from './modulation.js';
import { adam, adamList, averageList, movingAverage } from './optimizer.js';
import { columnSum, reduceSum, spatialSum } from './reduce.js';
import { tile } from './repeat.js';
import { resize, resizeGrad } from './resize.js';
import { selModulate, selModulateGrad } from './selModulate.js';
import { styledActivation, styledActivationGrad } from './styledActivation.js';
import { conv2DBackpropFilter, conv2DBackpropInput } from './stockConvGrads.js';
import { upfirdn2dForward } from './upfirdn2d.js';

type Inputs = Readonly<Record<string, TensorInfo>>;
type Kernel = (heap: WasmHeap, inputs: Inputs, attrs: never) => TensorInfo | TensorInfo[] | null;

/** Kernels of our own ops. */
const OPS: Readonly<Record<string, Kernel>> = {
  [CONV2D]: (heap, { x, filter }, attrs) => conv2dForward(heap, x!, filter!, attrs),
  [CONV2D_LRELU]: (heap, { x, filter, b }, attrs: ConvAttrs & BiasLreluAttrs) => conv2dForward(heap, x!, filter!, attrs, { b, attrs }),
  [CONV2D_STYLED]: (heap, { x, filter, styles, scale, noise, b }, attrs: ConvAttrs & BiasLreluAttrs) =>
    conv2dForward(heap, x!, filter!, attrs, { styles, scale, noise, b, attrs }),
  [CONV2D_INPUT_GRAD]: (heap, { dy, filter }, attrs) => conv2dInputGrad(heap, dy!, filter!, attrs),
  [CONV2D_FILTER_GRAD]: (heap, { x, dy }, attrs) => conv2dFilterGrad(heap, x!, dy!, attrs),
  [UPFIRDN2D]: (heap, { x, f }, attrs) => upfirdn2dForward(heap, x!, f!, attrs),
  [BIAS_LRELU]: (heap, { x, b }, attrs) => biasLrelu(heap, x!, b, attrs),
  [BIAS_LRELU_GRAD]: (heap, { dy, x, b }, attrs) => biasLreluGrad(heap, { dy: dy!, x: x!, b }, attrs),
  [SEL_MODULATE]: (heap, { x, scale, shift }, { epsilon }: { epsilon: number }) => selModulate(heap, { x: x!, scale: scale!, shift: shift! }, epsilon),
  [SEL_MODULATE_GRAD]: (heap, { x, scale, dy }, { epsilon }: { epsilon: number }) => selModulateGrad(heap, { x: x!, scale: scale!, dy: dy! }, epsilon),
  [SCALE_CHANNELS]: (heap, { x, scale }) => scaleChannels(heap, x!, scale!),
  [SCALE_CHANNELS_GRAD]: (heap, { x, scale, dy }) => scaleChannelsGrad(heap, { x: x!, scale: scale!, dy: dy! }),
  [DEMODULATION]: (heap, { weight, styles }, { epsilon }: { epsilon: number }) => demodulation(heap, { weight: weight!, styles: styles! }, epsilon),
  [DEMODULATION_GRAD]: (heap, { weight, styles, dy }, { epsilon }: { epsilon: number }) => demodulationGrad(heap, { weight: weight!, styles: styles!, dy: dy! }, epsilon),
  [STYLED_ACTIVATION]: (heap, { x, scale, noise, b }, attrs) => styledActivation(heap, { x: x!, scale, noise, b }, attrs),
  [STYLED_ACTIVATION_GRAD]: (heap, { dy, x, scale, noise, b }, attrs) => styledActivationGrad(heap, { dy: dy!, x: x!, scale, noise, b }, attrs),
  [LRELU_BIAS_GRAD]: (heap, { dy, y }, attrs) => styledActivationGrad(heap, { dy: dy!, x: y! }, attrs, true),
  [MINIBATCH_STD]: (heap, { x }, attrs) => minibatchStd(heap, x!, attrs),
  [MINIBATCH_STD_GRAD]: (heap, { x, dy }, attrs) => minibatchStdGrad(heap, { x: x!, dy: dy! }, attrs),
  [RESIZE]: (heap, { x }, attrs) => resize(heap, x!, attrs),
  [RESIZE_GRAD]: (heap, { dy }, attrs) => resizeGrad(heap, dy!, attrs),
  [SPATIAL_SUM]: (heap, { x }) => spatialSum(heap, x!),
  [COLUMN_SUM]: (heap, { x }) => columnSum(heap, x!),
  [LRELU]: (heap, { x }, attrs) => biasLrelu(heap, x!, undefined, attrs),
  [LRELU_GRAD]: (heap, { dy, x }, attrs) => biasLreluGrad(heap, { dy: dy!, x: x! }, attrs),
  [ADAM_STEP]: (heap, inputs, attrs) => adam(heap, inputs, attrs),
  [ADAM_STEPS]: (heap, inputs, attrs) => adamList(heap, Object.values(inputs), attrs),
  [MOVING_AVERAGES]: (heap, inputs, { beta }: { beta: number }) => averageList(heap, Object.values(inputs), beta),
  [MOVING_AVERAGE]: (heap, { average, now }, { beta }: { beta: number }) => movingAverage(heap, average!, now!, beta),
  // Not ours by name, but stock tfjs-wasm has none: layers of tf.LayersModel ask for it.
  Conv2DBackpropFilter: (heap, inputs, attrs) => conv2DBackpropFilter(heap, inputs, attrs),
};

/**
 * Kernels of tfjs that stock tfjs-wasm has, but slowly (Identity and Tile copy entry by entry, BatchMatMul and Sum over
 * leading axes run at a fraction of their speed; Add, Sub, Multiply, Concat and SplitV use one thread); null hands a call back to the stock kernel.
 */
const STOCK: Readonly<Record<string, Kernel>> = {
  Identity: (heap, { x }) => (x!.dtype === 'string' ? null : heap.share(x!)),
  Tile: (heap, { x }, { reps }: { reps: number[] }) => (x!.dtype === 'float32' ? tile(heap, x!, reps) : null),
  BatchMatMul: (heap, { a, b }, attrs) => (a!.dtype === 'float32' && b!.dtype === 'float32' ? batchMatMul(heap, a!, b!, attrs) : null),
  Add: (heap, { a, b }) => binary(heap, 'Add', a!, b!),
  Sub: (heap, { a, b }) => binary(heap, 'Sub', a!, b!),
  Multiply: (heap, { a, b }) => binary(heap, 'Multiply', a!, b!),
  Concat: (heap, inputs, { axis }: { axis: number }) => concat(heap, Object.values(inputs), axis),
  SplitV: (heap, { x }, { numOrSizeSplits, axis }: { numOrSizeSplits: number[] | number; axis: number }) => split(heap, x!, numOrSizeSplits, axis),
  Conv2DBackpropInput: (heap, inputs, attrs) => conv2DBackpropInput(heap, inputs, attrs),
  Sum: (heap, { x }, attrs) => reduceSum(heap, x!, attrs, false),
  Mean: (heap, { x }, attrs) => reduceSum(heap, x!, attrs, true),
};

const backendName = 'wasm';

/** Puts our kernels in place on the wasm backend. */
export function registerWasmKernels(heap: WasmHeap): void {
  for (const [kernelName, kernel] of Object.entries(OPS)) {
    replaceKernel({
      kernelName, backendName,
      kernelFunc: ({ inputs, attrs, kept }: PlannedCall) => kernel(heapFor(heap, kept), inputs as Inputs, attrs as NamedAttrMap as never)!,
    });
  }
  for (const [kernelName, kernel] of Object.entries(STOCK)) {
    const stock = getKernel(kernelName, backendName)!;
    const kernelFunc: KernelConfig['kernelFunc'] = (call: PlannedCall) =>
      kernel(heapFor(heap, call.kept), call.inputs as Inputs, call.attrs as NamedAttrMap as never) ?? stock.kernelFunc(call);
    replaceKernel({ kernelName, backendName, kernelFunc });
  }
}
