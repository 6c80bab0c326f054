import { add, clone, mul, reshape, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { assertShape, SpatialGANError } from '@spatialgan/core';
import { type Activation, activate, defaultGain, LRELU_ALPHA } from './activations.js';
import { clamp as limit } from './clamp.js';
import { biasLrelu, lreluAttrs } from './biasLrelu.js';
import { type FusableOp, runFusable } from './fusedOp.js';
import { BIAS_ACT } from './kernelNames.js';

/** Settings of {@link biasAct}. */
export interface BiasActOptions {
  /** Default 'linear'. */
  readonly act?: Activation;
  /** Slope of lrelu at and below zero; default 0.2. Other activations ignore it. */
  readonly alpha?: number;
  /** Factor after the activation; default {@link defaultGain}. */
  readonly gain?: number;
  /** Limits the result to ±clamp; default none. */
  readonly clamp?: number | null;
  /** The axis of the bias; default the last. */
  readonly axis?: number;
}

/** What a BIAS_ACT kernel gets; axis ≥ 0, clamp < 0 means none. */
export interface BiasActAttrs {
  readonly act: Activation;
  readonly alpha: number;
  readonly gain: number;
  readonly clamp: number;
  readonly axis: number;
}

const op: FusableOp<BiasActAttrs> = {
  kernelName: BIAS_ACT,
  composite: ({ x, b }, { act, alpha, gain, clamp, axis }) => {
    const shape = x!.shape.map((size, i) => (i === axis ? size : 1));
    let y = b ? add(x!, axis === x!.rank - 1 ? b : reshape(b, shape)) : x!;
    y = activate(y, act, alpha);
    if (gain !== 1) y = mul(y, gain);
    if (clamp >= 0) y = limit(y, -clamp, clamp);
    return y === x ? clone(y) : y;
  },
};

/**
 * Adds a bias, applies an activation, scales and clamps, in that order.
 *
 * Differentiable: any order. The gradient of lrelu at exactly zero is alpha's, that of the clamp passes at the bound.
 *
 * @param x any rank.
 * @param b [C] along `axis`, or null.
 * @throws SpatialGANError 'SHAPE' when the bias does not fit the axis.
 */
export function biasAct<T extends Tensor>(x: T, b: Tensor1D | null, options: BiasActOptions = {}): T {
  const { act = 'linear', alpha = LRELU_ALPHA } = options;
  const axis = (options.axis ?? x.rank - 1) + (options.axis !== undefined && options.axis < 0 ? x.rank : 0);
  if (b) {
    if (axis < 0 || axis >= x.rank) throw new SpatialGANError('SHAPE', `biasAct: axis ${options.axis} is none of x's ${x.rank}`);
    assertShape('biasAct: b', b.shape, [x.shape[axis]!], `one entry per index of x's axis ${axis}`);
  }
  const kinked = lreluAttrs(options);
  const onlyAdds = kinked?.alpha === 1 && kinked.gain === 1 && kinked.clamp < 0;
  if (kinked && !onlyAdds && (!b || axis === x.rank - 1) && x.dtype === 'float32') return biasLrelu(x, b, kinked);
  const attrs = { act, alpha, gain: options.gain ?? defaultGain(act), clamp: options.clamp ?? -1, axis };
  return runFusable<T, BiasActAttrs>(op, { x, b }, attrs);
}
