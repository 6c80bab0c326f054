import {
  cast, div, equal, exp, type GradConfig, matMul, max, min, mul, type NamedAttrMap, reshape, softmax, sub, sum, type Tensor, util,
} from '@tensorflow/tfjs-core';
import { stopGradient } from '@spatialgan/core';
import { broadcast, unbroadcast } from '../reduce.js';
import { gradient } from './gradient.js';

const axesOf = (attrs: NamedAttrMap, name: string, shape: number[]): number[] =>
  util.parseAxisParam(attrs[name] as number[], shape);

const keptShape = (x: Tensor, axes: readonly number[]): number[] => x.shape.map((size, i) => (axes.includes(i) ? 1 : size));

/** Repeats the cotangent of a reduction over the axes that it reduced. */
function spread(dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = reshape(dy, keptShape(x, axes));
  return axes.every((axis) => x.shape[axis] === 1) ? kept : broadcast(kept, x.shape);
}

/** The cotangent goes to every entry that attains the extreme. */
const extreme = (kernelName: string, attribute: string, reduce: typeof max): GradConfig =>
  gradient(kernelName, ['x'], {
    x: (dy, [x], attrs) => {
      const at = stopGradient(x!);
      const axes = axesOf(attrs, attribute, x!.shape);
      return mul(reshape(dy, keptShape(x!, axes)), cast(equal(at, reduce(at, axes, true)), 'float32'));
    },
  });

/** a·b with flags, summed over broadcast batch dimensions. */
const product = (a: Tensor, b: Tensor, [ta, tb, shape]: readonly [boolean, boolean, readonly number[]]): Tensor =>
  unbroadcast(matMul(a, b, ta, tb), shape);

/** Gradients of reductions, softmax and the matrix product. */
export const reductionGradients: readonly GradConfig[] = /* @__PURE__ */ (() => [
  gradient('Sum', ['x'], { x: (dy, [x], attrs) => spread(dy, x!, axesOf(attrs, 'axis', x!.shape)) }),
  gradient('Mean', ['x'], {
    x: (dy, [x], attrs) => {
      const axes = axesOf(attrs, 'axis', x!.shape);
      return spread(div(dy, axes.reduce((n, axis) => n * x!.shape[axis]!, 1)), x!, axes);
    },
  }),
  extreme('Max', 'reductionIndices', max),
  extreme('Min', 'axis', min),
  gradient('Softmax', ['logits'], {
    logits: (dy, [logits], attrs) => {
      const dim = attrs['dim'] as number;
      const weighted = mul(dy, softmax(logits!, dim));
      return sub(weighted, mul(sum(weighted, dim, true), softmax(logits!, dim)));
    },
  }),
  gradient('LogSoftmax', ['logits'], {
    logits: (dy, [logits], attrs) => {
      const axis = attrs['axis'] as number;
      const shifted = sub(logits!, stopGradient(max(logits!, axis, true)));
      const p = div(exp(shifted), sum(exp(shifted), axis, true));
      return sub(dy, mul(sum(dy, axis, true), p));
    },
  }),
  gradient('BatchMatMul', ['a', 'b'], {
    a: (dy, [a, b], { transposeA, transposeB }) =>
      (transposeA ? product(b!, dy, [Boolean(transposeB), true, a!.shape]) : product(dy, b!, [false, !transposeB, a!.shape])),
    b: (dy, [a, b], { transposeA, transposeB }) =>
      (transposeB ? product(dy, a!, [true, Boolean(transposeA), b!.shape]) : product(a!, dy, [!transposeA, false, b!.shape])),
  }),
])();
