import { abs, add, mul, step, sub, type Tensor, type Tensor1D, zerosLike } from '@tensorflow/tfjs-core';
import { stopGradient } from '@spatialgan/core';
import { type Activation, defaultGain, LRELU_ALPHA } from './activations.js';
import { clamp as limit } from './clamp.js';
import { type KernelOp, runFirstOrder, runKernelOp } from './fusedOp.js';
import { BIAS_LRELU, BIAS_LRELU_GRAD, LRELU, LRELU_GRAD, STYLED_ACTIVATION_GRAD } from './kernelNames.js';
import { columnSum } from './reduce.js';

/** What the kernels of `biasLrelu` and `styledActivation` get; clamp < 0 means none. */
export interface BiasLreluAttrs {
  /** Slope at and below zero: 0 is relu, 1 is linear. */
  readonly alpha: number;
  readonly gain: number;
  readonly clamp: number;
}

/** An activation that has one kink at zero or none, as attributes of those kernels; null for the others. */
export function lreluAttrs({ act = 'linear', alpha = LRELU_ALPHA, gain = defaultGain(act), clamp }: {
  readonly act?: Activation; readonly alpha?: number; readonly gain?: number; readonly clamp?: number | null;
}): BiasLreluAttrs | null {
  if (act !== 'linear' && act !== 'relu' && act !== 'lrelu') return null;
  return { alpha: act === 'lrelu' ? alpha : act === 'relu' ? 0 : 1, gain, clamp: clamp ?? -1 };
}

type Inputs = Readonly<Record<string, Tensor>>;

const biased = ({ x, b }: Inputs): Tensor => (b ? add(x!, b) : x!);

/** gain · lrelu(x + b), limited. */
function plain(inputs: Inputs, { alpha, gain, clamp }: BiasLreluAttrs): Tensor {
  const v = biased(inputs);
  const y = mul(alpha === 1 ? v : mul(v, step(v, alpha)), gain);
  return clamp >= 0 ? limit(y, -clamp, clamp) : y;
}

/** dy · gain · lrelu'(x + b); at the bound the gradient passes. */
function plainGrad(inputs: Inputs, { alpha, gain, clamp }: BiasLreluAttrs): Tensor {
  const v = biased(inputs);
  const slope = alpha === 1 ? gain : mul(step(v, alpha), gain);
  const dx = mul(inputs['dy']!, slope);
  if (clamp < 0) return dx;
  const y = mul(v, slope);
  return mul(dx, sub(1, step(abs(sub(y, limit(y, -clamp, clamp))))));
}

// The function is linear between its kinks: its gradient is linear in dy and constant in x, at any order.

function opsOf(withBias: boolean): { readonly op: KernelOp<BiasLreluAttrs>; readonly grad: KernelOp<BiasLreluAttrs> } {
  const saved = withBias ? ['x', 'b'] : ['x'];
  const constants = (tensors: readonly Tensor[]): Record<string, Tensor> =>
    Object.fromEntries(saved.map((name, i) => [name, stopGradient(tensors[i]!)]));
  const flat = (tensors: readonly Tensor[]) => Object.fromEntries(saved.map((name, i) => [name, () => zerosLike(tensors[i]!)]));
  const run = (dy: Tensor, tensors: readonly Tensor[], attrs: unknown): Tensor =>
    runKernelOp(grad, { dy, ...constants(tensors) }, attrs as BiasLreluAttrs);
  const grad: KernelOp<BiasLreluAttrs> = {
    kernelName: withBias ? BIAS_LRELU_GRAD : LRELU_GRAD,
    forward: plainGrad,
    gradient: {
      inputsToSave: saved,
      gradFunc: (ddx, tensors, attrs) => ({ dy: () => run(ddx as Tensor, tensors, attrs), ...flat(tensors) }),
    },
  };
  const op: KernelOp<BiasLreluAttrs> = {
    kernelName: withBias ? BIAS_LRELU : LRELU,
    forward: plain,
    gradient: {
      inputsToSave: saved,
      gradFunc: (dy, tensors, attrs) => {
        let made: readonly Tensor[] = []; // what x and b need alike, while it lives
        const part = (i: 0 | 1): Tensor => {
          if (!made.length || made.some((t) => t.isDisposed)) {
            const [x, b] = tensors;
            made = (b && runFirstOrder(STYLED_ACTIVATION_GRAD, { dy: dy as Tensor, x: x!, b }, attrs)) ?? [run(dy as Tensor, tensors, attrs)];
          }
          return made[i] ?? columnSum(made[0]!);
        };
        return { x: () => part(0), ...(withBias && { b: () => part(1) }) };
      },
    },
  };
  return { op, grad };
}

const withBias = /* @__PURE__ */ opsOf(true);
const bare = /* @__PURE__ */ opsOf(false);

/** dy times the slope of an lrelu without clamp, told by the sign of its result y. Differentiable: any order in dy; y counts as constant. */
export const lreluGradByResult = (dy: Tensor, y: Tensor, { alpha, gain }: BiasLreluAttrs): Tensor =>
  runKernelOp(bare.grad, { dy, x: stopGradient(y) }, { alpha, gain, clamp: -1 });

/** biasAct with relu or lrelu along the last axis, in one kernel forward and one backward. Differentiable: any order. */
export const biasLrelu = <T extends Tensor>(x: T, b: Tensor1D | null, attrs: BiasLreluAttrs): T =>
  (b ? runKernelOp<T, BiasLreluAttrs>(withBias.op, { x, b }, attrs) : runKernelOp<T, BiasLreluAttrs>(bare.op, { x }, attrs));
