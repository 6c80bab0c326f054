import {
  add, clipByValue, clone, div, engine, isFinite, isNaN, mul, type NamedTensorMap, sqrt, square, sub, type Tensor, tidy, where, zerosLike,
} from '@tensorflow/tfjs-core';
import { hasKernel } from './fusedOp.js';
import { ADAM_STEP, ADAM_STEPS } from './kernelNames.js';

/** A parameter, its gradient and its moments, all of one shape. */
export interface AdamState<T extends Tensor = Tensor> {
  readonly param: T;
  readonly grad: T;
  readonly m: T;
  readonly v: T;
}

/** Settings of {@link adamStep}. */
export interface AdamOptions {
  readonly lr: number;
  /** May be 0. */
  readonly beta1: number;
  /** May be 0. */
  readonly beta2: number;
  /** Added to the root of the bias-corrected second moment. */
  readonly eps: number;
  /** Counts from 1. */
  readonly step: number;
  /** What an infinite entry of the gradient counts as, with its sign; a NaN then counts as 0. Default: gradients are taken as they are. */
  readonly infinite?: number;
}

/** What an ADAM_STEP kernel gets. */
export type AdamAttrs = AdamOptions;

/** The gradient with NaN → 0 and ±∞ → ±bound. */
function finiteGradient(grad: Tensor, bound: number): Tensor {
  const repaired = clipByValue(where(isNaN(grad), zerosLike(grad), grad), -bound, bound);
  return where(isFinite(grad), grad, repaired);
}

/** What {@link adamStep} returns; the caller owns the tensors. */
export type AdamResult<T extends Tensor = Tensor> = Omit<AdamState<T>, 'grad'>;

/**
 * One step of Adam for one parameter. Not differentiable.
 *
 * param - lr · m̂ / (√v̂ + eps), with m̂ = m/(1-β1^step), v̂ = v/(1-β2^step).
 */
export function adamStep<T extends Tensor>({ param, grad: given, m, v }: AdamState<T>, options: AdamOptions): AdamResult<T> {
  const { lr, beta1, beta2, eps, step, infinite } = options;
  if (hasKernel(ADAM_STEP)) {
    const [p, mNext, vNext] = engine().runKernel<Tensor[]>(ADAM_STEP, { param, grad: given, m, v }, { ...options });
    return { param: p as T, m: mNext as T, v: vNext as T };
  }
  return tidy(() => {
    const grad = infinite === undefined ? given : finiteGradient(given, infinite);
    const mNext = beta1 === 0 ? clone(grad) : add(mul(m, beta1), mul(grad, 1 - beta1));
    const vNext = add(mul(v, beta2), mul(square(grad), 1 - beta2));
    const root = add(sqrt(mul(vNext, 1 / (1 - beta2 ** step))), eps);
    const next = sub(param, mul(div(mNext, root), lr / (1 - beta1 ** step)));
    return { param: next as T, m: mNext as T, v: vNext as T };
  });
}

/** {@link adamStep} for many parameters: one kernel call where the backend has it. Not differentiable. */
export function adamSteps(states: readonly AdamState[], options: AdamOptions): AdamResult[] {
  if (states.length === 0 || !hasKernel(ADAM_STEPS)) return states.map((state) => adamStep(state, options));
  const list = states.flatMap(({ param, grad, m, v }) => [param, grad, m, v]);
  const out = engine().runKernel<Tensor[]>(ADAM_STEPS, list as unknown as NamedTensorMap, { ...options });
  return states.map((_, i) => ({ param: out[3 * i]!, m: out[3 * i + 1]!, v: out[3 * i + 2]! }));
}
