import { engine, keep, type Scalar, type Tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { backpropagate } from './backpropagate.js';
import { flattenParams, isTensor, mapParams, type NamedTensors, type ParamTree } from './paramTree.js';
import { stopGradient } from './stopGradient.js';

/** Vector-Jacobian product of `f` at `xs` for the cotangent `dy` (ones when absent). */
export function vjp<T extends Tensor>(
  f: () => T,
  xs: readonly Tensor[],
  dy?: T,
): { readonly value: T; readonly grads: readonly Tensor[] } {
  // A gradient taken inside another's backward pass would clear the outer tape: put it back afterwards.
  const { state } = engine();
  const outer = state.gradientDepth === 0 ? state.activeTape : null;
  try {
    const { value, grads } = backpropagate(f, xs, dy);
    return { value, grads: xs.map((x, i) => grads[i] ?? zerosLike(x)) };
  } finally {
    if (outer) state.activeTape = outer;
  }
}

/** A loss and the values that shall outlive its tape. */
export interface LossAndAux {
  readonly loss: Scalar;
  readonly aux?: Readonly<Record<string, Tensor>>;
}

/** What {@link valueAndGrad} returns; the caller owns every tensor. */
export interface ValueAndGrad {
  readonly loss: Scalar;
  /** By path; zeros where a parameter has no influence. Only paths that `trainable` lets through. */
  readonly grads: NamedTensors;
  readonly aux: Readonly<Record<string, Tensor>>;
}

/**
 * Value and gradient of a scalar loss with respect to the leaves of a parameter tree.
 *
 * Everything that `f` allocates is freed; `loss`, `grads` and `aux` are the caller's. May be nested
 * (an inner `vjp` in `f` gives second-order terms).
 *
 * @param trainable which paths to differentiate; default all.
 */
export function valueAndGrad(
  f: () => Scalar | LossAndAux,
  params: ParamTree,
  trainable: (path: string) => boolean = () => true,
): ValueAndGrad {
  const leaves = [...flattenParams(params)].filter(([path]) => trainable(path));
  const kept: Record<string, Tensor> = {};
  const forward = (): Scalar => {
    const result = f();
    if (isTensor(result)) return result as Scalar;
    for (const [name, value] of Object.entries(result.aux ?? {})) kept[name] = keep(stopGradient(value));
    return result.loss;
  };
  try {
    const out = tidy(() => {
      const { value, grads } = vjp(forward, leaves.map(([, leaf]) => leaf));
      return { value, ...Object.fromEntries(grads.map((g, i) => [`g${i}`, g])) } as Record<string, Tensor>;
    });
    const aux = mapParams(kept, (t) => stopGradient(t)) as Record<string, Tensor>;
    return { loss: out['value'] as Scalar, grads: new Map(leaves.map(([path], i) => [path, out[`g${i}`]!])), aux };
  } finally {
    // keep() is for good: hand out unkept twins and free the kept ones.
    for (const value of Object.values(kept)) value.dispose();
  }
}
