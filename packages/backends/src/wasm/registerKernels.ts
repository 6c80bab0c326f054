import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, replaceKernel } from '@spatialgan/ops';
import { conv2dFilterGrad, conv2dForward, conv2dInputGrad } from './conv2d.js';
import type { WasmHeap } from './heap.js';

type Kernel = (heap: WasmHeap, inputs: Record<string, TensorInfo>, attrs: never) => TensorInfo | TensorInfo[];

const KERNELS: Readonly<Record<string, Kernel>> = {
  [CONV2D]: (heap, { x, filter }, attrs) => conv2dForward(heap, x!, filter!, attrs),
  [CONV2D_INPUT_GRAD]: (heap, { dy, filter }, attrs) => conv2dInputGrad(heap, dy!, filter!, attrs),
  [CONV2D_FILTER_GRAD]: (heap, { x, dy }, attrs) => conv2dFilterGrad(heap, x!, dy!, attrs),
};

/** Puts the fast kernels of our ops in place on the wasm backend. */
export function registerWasmKernels(heap: WasmHeap): void {
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    replaceKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }: { inputs: NamedTensorInfoMap; attrs?: NamedAttrMap }) =>
        kernel(heap, inputs as Record<string, TensorInfo>, attrs as never),
    });
  }
}
