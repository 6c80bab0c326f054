import type { Tensor } from '@tensorflow/tfjs-core';
import { zerosLike } from '@tensorflow/tfjs-core';
import { flattenParams, type NamedTensors, type ParamTree, withLeaves } from '@spatialgan/core';
import { adamSteps } from '@spatialgan/ops';

/** Hyperparameters of {@link adam}; StyleGAN2's are the defaults. */
export interface AdamOptions {
  /** Learning rate. */
  readonly lr: number;
  /** Decay rates of the first and second moment. Default [0, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment, after bias correction. Default 1e-8. */
  readonly eps?: number;
  /**
   * n of lazy regularization: with n > 1 lr and the exponents of both betas are multiplied by
   * n/(n+1), since the network takes n+1 steps in the time of n. Default 1 (no correction).
   */
  readonly lazyInterval?: number;
}

/** Moments by parameter path, and the number of steps taken. The trainer owns it. */
export interface AdamState {
  readonly m: NamedTensors;
  readonly v: NamedTensors;
  readonly step: number;
}

/** An init/update pair: pure, keyed by path, so that two networks or phases cannot mix their moments. */
export interface Optimizer {
  init(params: ParamTree, trainable: (path: string) => boolean): AdamState;
  /**
   * One step. Returns a new tree (untouched leaves are shared with the old one) and new state;
   * replaced tensors are still the old owner's to dispose.
   */
  update<P extends ParamTree>(params: P, grads: NamedTensors, state: AdamState): { params: P; state: AdamState };
}

/** The resolved lr and betas after the correction for lazy regularization (StyleGAN2, appendix B). */
export function lazyCorrection({ lr, betas = [0, 0.99], lazyInterval = 1 }: AdamOptions): {
  lr: number;
  betas: readonly [number, number];
} {
  if (lazyInterval <= 1) return { lr, betas };
  const ratio = lazyInterval / (lazyInterval + 1);
  return { lr: lr * ratio, betas: [betas[0] ** ratio, betas[1] ** ratio] };
}

/** What an infinite gradient counts as (StyleGAN2). */
const INFINITE = 1e5;

/** Adam (Kingma, Ba) with non-finite gradients replaced as StyleGAN2 does (NaN → 0, ±∞ → ±1e5). */
export function adam(options: AdamOptions): Optimizer {
  const { lr, betas: [beta1, beta2] } = lazyCorrection(options);
  const eps = options.eps ?? 1e-8;
  return {
    init(params, trainable) {
      const zeros = (): Map<string, Tensor> =>
        new Map([...flattenParams(params)].filter(([path]) => trainable(path)).map(([path, p]) => [path, zerosLike(p)]));
      return { m: zeros(), v: zeros(), step: 0 };
    },
    update(params, grads, state) {
      const step = state.step + 1;
      const next = { params: new Map<string, Tensor>(), m: new Map(state.m), v: new Map(state.v) };
      const leaves = flattenParams(params);
      const paths = [...grads.keys()];
      const states = paths.map((path) => ({ param: leaves.get(path)!, grad: grads.get(path)!, m: state.m.get(path)!, v: state.v.get(path)! }));
      adamSteps(states, { lr, beta1, beta2, eps, step, infinite: INFINITE }).forEach((out, i) => {
        next.params.set(paths[i]!, out.param);
        next.m.set(paths[i]!, out.m);
        next.v.set(paths[i]!, out.v);
      });
      return { params: withLeaves(params, next.params), state: { m: next.m, v: next.v, step } };
    },
  };
}

/** Frees the moments. */
export function disposeAdamState({ m, v }: AdamState): void {
  for (const moments of [m, v]) for (const leaf of moments.values()) leaf.dispose();
}
