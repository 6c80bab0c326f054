import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { biasLrelu, type BiasLreluAttrs, lreluGradByResult } from './biasLrelu.js';
import { correlation, correlationFilterGrad, correlationInputGrad } from './convOps.js';
import { type FusableOp, type KernelOp, type OpInputs, runFirstOrder, runFusable, runKernelOp } from './fusedOp.js';
import { CONV2D_LRELU, CONV2D_STYLED, type ConvAttrs, LRELU_BIAS_GRAD } from './kernelNames.js';
import { scaleChannels } from './modulation.js';
import { columnSum } from './reduce.js';
import { styledLrelu } from './styledActivation.js';

/** What is done to the input of a convolution and to its result: inputs and attributes as those of CONV2D_STYLED. */
export interface ConvStyling {
  readonly styles?: Tensor2D | null | undefined;
  readonly scale?: Tensor2D | null | undefined;
  readonly noise?: Tensor | null | undefined;
  readonly b?: Tensor1D | null | undefined;
  readonly attrs: BiasLreluAttrs;
}

/** A convolution alone. */
export const UNSTYLED: ConvStyling = { attrs: { alpha: 1, gain: 1, clamp: -1 } };

type StyledAttrs = ConvAttrs & BiasLreluAttrs;

const isLinear = ({ alpha, gain, clamp }: BiasLreluAttrs): boolean => alpha === 1 && gain === 1 && clamp < 0;

/** The gradients of the convolution's result and of the bias. */
function pulledThrough(dy: Tensor, y: Tensor, attrs: BiasLreluAttrs, withBias: boolean): readonly Tensor[] {
  if (isLinear(attrs)) return [dy];
  return (withBias && runFirstOrder(LRELU_BIAS_GRAD, { dy, y }, attrs)) || [lreluGradByResult(dy, y, attrs)];
}

// The slope is told by the result's sign: what the convolution gives before the activation is never kept.
const lreluOp: KernelOp<StyledAttrs> = {
  kernelName: CONV2D_LRELU,
  forward: ({ x, filter, b }, attrs) => biasLrelu(correlation(x as Tensor4D, filter as Tensor4D, attrs), (b ?? null) as Tensor1D | null, attrs),
  gradient: {
    inputsToSave: ['x', 'filter'],
    outputsToSave: [true],
    gradFunc: (dy, saved, raw) => {
      const { stride, padding, withBias, ...attrs } = raw as unknown as StyledAttrs & { readonly withBias: boolean };
      const [x, filter, y] = saved as [Tensor4D, Tensor4D, Tensor4D];
      let made: readonly Tensor[] = []; // for all three, while it lives
      const part = (i: 0 | 1): Tensor => {
        if (!made.length || made.some((t) => t.isDisposed)) made = pulledThrough(dy as Tensor, y, attrs, withBias);
        return made[i] ?? columnSum(made[0]!);
      };
      return {
        x: () => correlationInputGrad(part(0) as Tensor4D, filter, { stride, padding, size: [x.shape[1], x.shape[2]] }),
        filter: () => correlationFilterGrad(x, part(0) as Tensor4D, { stride, padding, size: [filter.shape[0], filter.shape[1]] }),
        ...(withBias && { b: () => part(1) }),
      };
    },
  },
};

const between = ({ x, filter, styles, ...after }: OpInputs, { stride, padding, ...attrs }: StyledAttrs): Tensor4D => {
  const styled = styles ? scaleChannels(x as Tensor4D, styles as Tensor2D) : x as Tensor4D;
  return styledLrelu({ x: correlation(styled, filter as Tensor4D, { stride, padding }), ...after }, attrs);
};

const styledOp: FusableOp<StyledAttrs> = { kernelName: CONV2D_STYLED, composite: between, inference: true };

/** Correlation with its styling, in as few passes as the backend has kernels for. Differentiable: any order. Padding not negative. */
export function styledCorrelation(x: Tensor4D, filter: Tensor4D, attrs: ConvAttrs, { attrs: act, ...styling }: ConvStyling): Tensor4D {
  const { styles, scale, noise, b } = styling;
  if (styles || scale || noise || act.clamp >= 0 || act.gain <= 0 || act.alpha < 0) return runFusable(styledOp, { x, filter, ...styling }, { ...attrs, ...act });
  if (!b && isLinear(act)) return correlation(x, filter, attrs);
  return runKernelOp(lreluOp, { x, filter, ...(b && { b }) }, { ...attrs, ...act, withBias: Boolean(b) });
}
