import {
  abs, add, cast, clipByValue, cos, div, exp, type GradConfig, greater, greaterEqual, less, lessEqual, log, mul, neg, onesLike,
  pow, reciprocal, relu, rsqrt, sigmoid, sign, sin, square, step, sub, tanh, type Tensor, where, zerosLike, zeros,
} from '@tensorflow/tfjs-core';
import { stopGradient } from '@spatialgan/core';
import { unbroadcast } from '../reduce.js';
import { type Gradient, gradient } from './gradient.js';

const unary = (name: string, grad: (dy: Tensor, x: Tensor, attrs: Parameters<Gradient>[2]) => Tensor): GradConfig =>
  gradient(name, ['x'], { x: (dy, saved, attrs) => grad(dy, saved[0]!, attrs) });

/** As a factor; cast copies even what is float already. */
const float = (x: Tensor): Tensor => (x.dtype === 'float32' ? x : cast(x, 'float32'));

/** A mask is constant almost everywhere: no gradient flows through it, so no zeros need be propagated. */
const where01 = (condition: Tensor): Tensor => cast(condition, 'float32');

/** 1 above zero, `below` elsewhere. */
const slope = (x: Tensor, below = 0): Tensor => step(stopGradient(x), below);

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

/** exp(x) below zero and 1 above, as a differentiable function of x. */
const expBelow = (x: Tensor): Tensor => exp(neg(relu(neg(x))));

// Gradients are recomputed from the saved *input*: tfjs's own save the output, which cuts the second order silently.
const smooth: readonly GradConfig[] = /* @__PURE__ */ (() => [
  unary('Exp', (dy, x) => mul(dy, exp(x))),
  unary('Expm1', (dy, x) => mul(dy, exp(x))),
  unary('Log', (dy, x) => div(dy, x)),
  unary('Log1p', (dy, x) => div(dy, add(x, 1))),
  unary('Sigmoid', (dy, x) => mul(dy, mul(sigmoid(x), sigmoid(neg(x))))),
  unary('Tanh', (dy, x) => mul(dy, sub(1, square(tanh(x))))),
  unary('Softplus', (dy, x) => mul(dy, sigmoid(x))),
  unary('Sin', (dy, x) => mul(dy, cos(x))),
  unary('Cos', (dy, x) => mul(dy, neg(sin(x)))),
  unary('Square', (dy, x) => mul(dy, mul(x, 2))),
  unary('Sqrt', (dy, x) => mul(dy, mul(rsqrt(x), 0.5))),
  unary('Rsqrt', (dy, x) => mul(dy, mul(div(rsqrt(x), x), -0.5))),
  unary('Reciprocal', (dy, x) => mul(dy, neg(square(reciprocal(x))))),
  unary('Neg', (dy) => neg(dy)),
])();

const kinked: readonly GradConfig[] = /* @__PURE__ */ (() => [
  unary('Abs', (dy, x) => mul(dy, sign(stopGradient(x)))),
  unary('Relu', (dy, x) => mul(dy, slope(x))),
  unary('LeakyRelu', (dy, x, { alpha }) => mul(dy, slope(x, alpha as number))),
  unary('Relu6', (dy, x) => mul(dy, sub(slope(x), slope(sub(stopGradient(x), 6))))),
  unary('Elu', (dy, x) => mul(dy, expBelow(x))),
  unary('Selu', (dy, x) => mul(dy, mul(expBelow(x), add(mul(slope(x), SELU_SCALE - SELU_SCALE_ALPHA), SELU_SCALE_ALPHA)))),
  unary('ClipByValue', (dy, x, { clipValueMin, clipValueMax }) => {
    const at = stopGradient(x);
    const excess = abs(sub(at, clipByValue(at, clipValueMin as number, clipValueMax as number)));
    return mul(dy, sub(1, step(excess)));
  }),
  gradient('Prelu', ['x', 'alpha'], {
    x: (dy, [x, alpha]) => mul(dy, add(slope(x!), mul(sub(1, slope(x!)), alpha!))),
    alpha: (dy, [x, alpha]) => unbroadcast(mul(dy, neg(relu(neg(x!)))), alpha!.shape),
  }),
])();

const flat: readonly GradConfig[] = /* @__PURE__ */ (() => [
  'Sign', 'Step', 'Floor', 'Ceil', 'Round', 'ZerosLike', 'OnesLike', 'IsNan', 'IsInf', 'IsFinite', 'LogicalNot', 'ArgMax', 'ArgMin',
].map((name) => unary(name, (_, x) => zeros(x.shape))))();

const binary = (name: string, a: Gradient, b: Gradient): GradConfig =>
  gradient(name, ['a', 'b'], {
    a: (dy, saved, attrs) => unbroadcast(a(dy, saved, attrs), saved[0]!.shape),
    b: (dy, saved, attrs) => unbroadcast(b(dy, saved, attrs), saved[1]!.shape),
  });

const masked = (compare: (a: Tensor, b: Tensor) => Tensor): Gradient =>
  (dy, [a, b]) => mul(dy, where01(compare(stopGradient(a!), stopGradient(b!))));

const binaries: readonly GradConfig[] = /* @__PURE__ */ (() => [
  binary('Add', (dy) => dy, (dy) => dy),
  binary('Sub', (dy) => dy, (dy) => neg(dy)),
  binary('Multiply', (dy, [, b]) => mul(dy, float(b!)), (dy, [a]) => mul(dy, float(a!))),
  binary('RealDiv', (dy, [, b]) => div(dy, b!), (dy, [a, b]) => neg(mul(dy, div(a!, square(b!))))),
  binary('SquaredDifference', (dy, [a, b]) => mul(dy, mul(sub(a!, b!), 2)), (dy, [a, b]) => mul(dy, mul(sub(b!, a!), 2))),
  binary('Maximum', masked(greaterEqual), masked(less)),
  binary('Minimum', masked(lessEqual), masked(greater)),
  binary('Pow',
    (dy, [a, b]) => mul(dy, mul(b!, pow(a!, sub(b!, 1)))),
    (dy, [a, b]) => {
      const positive = greater(stopGradient(a!), 0);
      const base = where(positive, a!, onesLike(a!));
      return mul(dy, mul(where(positive, pow(a!, b!), zerosLike(pow(a!, b!))), log(base)));
    }),
  ...['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr', 'FloorDiv']
    .map((name) => gradient(name, ['a', 'b'], { a: (_, [a]) => zeros(a!.shape), b: (_, [, b]) => zeros(b!.shape) })),
])();

/** Gradients of the elementwise kernels. */
export const elementwiseGradients: readonly GradConfig[] = /* @__PURE__ */ (() => [...smooth, ...kinked, ...flat, ...binaries])();
