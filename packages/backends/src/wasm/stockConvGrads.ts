import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { conv2dFilterGrad, conv2dInputGrad } from './conv2d.js';
import type { WasmHeap } from './heap.js';

type Shape4 = [number, number, number, number];
type Pad = Parameters<typeof backend_util.computeConv2DInfo>[4];

/** Attributes of tfjs's Conv2DBackpropInput and Conv2DBackpropFilter. */
export interface StockConvAttrs {
  readonly strides: number | [number, number];
  readonly pad: Pad;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** What our kernels take; null where their form does not cover it. */
function formOf(x: Shape4, filter: Shape4, { strides, pad, dataFormat, dimRoundingMode }: StockConvAttrs) {
  if (dataFormat !== 'NHWC') return null;
  const info = backend_util.computeConv2DInfo(x, filter, strides, 1, pad, dimRoundingMode, false, 'channelsLast');
  if (info.strideHeight !== info.strideWidth) return null;
  const { top, bottom, left, right } = info.padInfo;
  return { stride: info.strideHeight, padding: [top, bottom, left, right] as const };
}

/** tfjs's Conv2DBackpropInput; null hands the call back to the stock kernel, which is about ten times slower. */
export function conv2DBackpropInput(
  heap: WasmHeap, { dy, filter }: Readonly<Record<string, TensorInfo>>, attrs: StockConvAttrs & { readonly inputShape: Shape4 },
): TensorInfo | null {
  const form = formOf(attrs.inputShape, filter!.shape as Shape4, attrs);
  return form && conv2dInputGrad(heap, dy!, filter!, { ...form, size: [attrs.inputShape[1], attrs.inputShape[2]] });
}

/** tfjs's Conv2DBackpropFilter, which stock tfjs-wasm lacks. @throws SpatialGANError 'BACKEND_UNSUPPORTED' on NCHW or unequal strides. */
export function conv2DBackpropFilter(
  heap: WasmHeap, { x, dy }: Readonly<Record<string, TensorInfo>>, attrs: StockConvAttrs & { readonly filterShape: Shape4 },
): TensorInfo {
  const form = formOf(x!.shape as Shape4, attrs.filterShape, attrs);
  if (form) return conv2dFilterGrad(heap, x!, dy!, { ...form, size: [attrs.filterShape[0], attrs.filterShape[1]] });
  throw new SpatialGANError(
    'BACKEND_UNSUPPORTED',
    `wasm: the gradient of conv2d by its filter: expected NHWC and equal strides, got ${attrs.dataFormat}, strides [${attrs.strides}]`,
  );
}
