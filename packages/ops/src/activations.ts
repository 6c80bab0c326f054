import {
  elu, mul, relu, selu, sigmoid, softplus, step, tanh, type Tensor,
} from '@tensorflow/tfjs-core';
import { stopGradient } from '@spatialgan/core';

/** The activations of StyleGAN2. */
export type Activation = 'linear' | 'relu' | 'lrelu' | 'tanh' | 'sigmoid' | 'elu' | 'selu' | 'softplus' | 'swish';

/** Slope of lrelu below (and at) zero. */
export const LRELU_ALPHA = 0.2;

const ROOT_TWO = Math.SQRT2;
const GAINS: Readonly<Record<Activation, number>> = {
  linear: 1, relu: ROOT_TWO, lrelu: ROOT_TWO, tanh: 1, sigmoid: 1, elu: 1, selu: 1, softplus: 1, swish: ROOT_TWO,
};

/** The gain that keeps the variance: √2 for relu, lrelu and swish, else 1. */
export const defaultGain = (act: Activation): number => GAINS[act];

const FUNCTIONS: Readonly<Record<Activation, (x: Tensor, alpha: number) => Tensor>> = {
  linear: (x) => x,
  relu: (x) => relu(x),
  // The slope is constant: one product forward, one backward, at any order (and 18 times faster on wasm than leakyRelu).
  lrelu: (x, alpha) => mul(x, step(stopGradient(x), alpha)),
  tanh: (x) => tanh(x),
  sigmoid: (x) => sigmoid(x),
  elu: (x) => elu(x),
  selu: (x) => selu(x),
  softplus: (x) => softplus(x),
  swish: (x) => mul(x, sigmoid(x)),
};

/** Applies an activation; may return x itself. Differentiable: any order after registerGradients(). */
export const activate = (x: Tensor, act: Activation, alpha: number = LRELU_ALPHA): Tensor => FUNCTIONS[act](x, alpha);
