import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { plainConv2d, plainFilterGrad, plainInputGrad } from './convPlain.js';
import { type KernelOp, runKernelOp } from './fusedOp.js';
import { CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, type ConvAttrs } from './kernelNames.js';

/** [height, width]. */
export type Size = readonly [number, number];

/** {@link ConvAttrs} and the size of the result, which they leave open. */
export type SizedConvAttrs = ConvAttrs & { readonly size: Size };

const attrsOf = (attrs: unknown): SizedConvAttrs => attrs as SizedConvAttrs;
const spatial = (t: Tensor): Size => [t.shape[1]!, t.shape[2]!];

// Three bilinear ops, each the derivative of the other two: closed under differentiation of any order.

const convOp: KernelOp<ConvAttrs> = {
  kernelName: CONV2D,
  forward: plainConv2d,
  gradient: {
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, saved, raw) => {
      const { stride, padding } = attrsOf(raw);
      const [x, filter] = saved as [Tensor4D, Tensor4D];
      return {
        x: () => runKernelOp(inputGradOp, { dy: dy as Tensor, filter }, { stride, padding, size: spatial(x) }),
        filter: () =>
          runKernelOp(filterGradOp, { x, dy: dy as Tensor }, { stride, padding, size: [filter.shape[0], filter.shape[1]] }),
      };
    },
  },
};

const inputGradOp: KernelOp<SizedConvAttrs> = {
  kernelName: CONV2D_INPUT_GRAD,
  forward: plainInputGrad,
  gradient: {
    inputsToSave: ['dy', 'filter'],
    gradFunc: (ddx, saved, raw) => {
      const { stride, padding } = attrsOf(raw);
      const [dy, filter] = saved as [Tensor4D, Tensor4D];
      return {
        dy: () => runKernelOp(convOp, { x: ddx as Tensor, filter }, { stride, padding }),
        filter: () =>
          runKernelOp(filterGradOp, { x: ddx as Tensor, dy }, { stride, padding, size: [filter.shape[0], filter.shape[1]] }),
      };
    },
  },
};

const filterGradOp: KernelOp<SizedConvAttrs> = {
  kernelName: CONV2D_FILTER_GRAD,
  forward: plainFilterGrad,
  gradient: {
    inputsToSave: ['x', 'dy'],
    gradFunc: (ddw, saved, raw) => {
      const { stride, padding } = attrsOf(raw);
      const [x, dy] = saved as [Tensor4D, Tensor4D];
      return {
        x: () => runKernelOp(inputGradOp, { dy, filter: ddw as Tensor }, { stride, padding, size: spatial(x) }),
        dy: () => runKernelOp(convOp, { x, filter: ddw as Tensor }, { stride, padding }),
      };
    },
  },
};

/** Correlation; padding not negative. x [N,H,W,I], filter [kh,kw,I,O] → [N,h,w,O]. */
export const correlation = (x: Tensor4D, filter: Tensor4D, attrs: ConvAttrs): Tensor4D => runKernelOp(convOp, { x, filter }, attrs);

/** Its gradient with respect to x. dy [N,h,w,O], filter [kh,kw,I,O] → [N,H,W,I], size = [H,W]. */
export const correlationInputGrad = (dy: Tensor4D, filter: Tensor4D, attrs: SizedConvAttrs): Tensor4D =>
  runKernelOp(inputGradOp, { dy, filter }, attrs);

/** Its gradient with respect to the filter. x [N,H,W,I], dy [N,h,w,O] → [kh,kw,I,O], size = [kh,kw]. */
export const correlationFilterGrad = (x: Tensor4D, dy: Tensor4D, attrs: SizedConvAttrs): Tensor4D =>
  runKernelOp(filterGradOp, { x, dy }, attrs);
