import { fill, matMul, mul, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, type Rng } from '@spatialgan/core';
import type { Activation } from './activations.js';
import { biasAct } from './biasAct.js';

/** Parameters of {@link fullyConnected}, before the equalized learning rate's gains. */
export interface FullyConnectedParams {
  /** [in, out]. */
  readonly weight: Tensor2D;
  /** [out]. */
  readonly bias?: Tensor1D;
}

/** Settings of {@link fullyConnected}. */
export interface FullyConnectedOptions {
  /** Default 'linear'. */
  readonly act?: Activation;
  /** Slows learning: the weight's gain is lrMultiplier/√in, the bias's lrMultiplier. Default 1. */
  readonly lrMultiplier?: number;
}

/**
 * A dense layer with equalized learning rate (§3). Differentiable: any order.
 *
 * @param x [N, in].
 * @returns [N, out].
 * @throws SpatialGANError 'SHAPE' when x does not fit the weight.
 */
export function fullyConnected(x: Tensor2D, params: FullyConnectedParams, { act = 'linear', lrMultiplier = 1 }: FullyConnectedOptions = {}): Tensor2D {
  const { weight, bias } = params;
  assertShape('fullyConnected: x', x.shape, [null, weight.shape[0]], 'the weight is [in, out]');
  return tidy(() => {
    const y = matMul(x, mul(weight, lrMultiplier / Math.sqrt(weight.shape[0]))) as Tensor2D;
    const b = bias && lrMultiplier !== 1 ? mul(bias, lrMultiplier) as Tensor1D : bias ?? null;
    return biasAct(y, b, { act });
  });
}

/** What {@link initFullyConnected} needs to know. */
export interface FullyConnectedConfig {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Default true. */
  readonly bias?: boolean;
  /** The bias that the layer shall have at the start. Default 0. */
  readonly biasInit?: number;
  /** The one that {@link fullyConnected} will be given. Default 1. */
  readonly lrMultiplier?: number;
}

/** Parameters: weights N(0, 1)/lrMultiplier. The caller owns them. */
export function initFullyConnected(rng: Rng, config: FullyConnectedConfig): FullyConnectedParams {
  const { inFeatures, outFeatures, bias = true, biasInit = 0, lrMultiplier = 1 } = config;
  return tidy(() => {
    const weight = mul(rng.split('weight').normalTensor<Tensor2D>([inFeatures, outFeatures]), 1 / lrMultiplier) as Tensor2D;
    return bias ? { weight, bias: fill([outFeatures], biasInit / lrMultiplier) as Tensor1D } : { weight };
  });
}
