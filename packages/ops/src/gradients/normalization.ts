import { add, type GradConfig, mul, neg, rsqrt, sub, type Tensor } from '@tensorflow/tfjs-core';
import { unbroadcast } from '../reduce.js';
import { type Gradient, gradient } from './gradient.js';

type Parts = readonly [x: Tensor, mean: Tensor, variance: Tensor, scale: Tensor];

const inverse = ([, , variance]: Parts, epsilon: number): Tensor => rsqrt(add(variance, epsilon));

const part = (grad: (dy: Tensor, parts: Parts, epsilon: number) => Tensor, like?: 1 | 2 | 3): Gradient => (dy, saved, attrs) => {
  const parts = saved as unknown as Parts;
  const result = grad(dy, parts, attrs['varianceEpsilon'] as number);
  return like === undefined ? result : unbroadcast(result, parts[like].shape);
};

/** Gradient of tf.batchNorm with a scale (without one tfjs's tape cannot save its inputs). */
export const normalizationGradients: readonly GradConfig[] = /* @__PURE__ */ (() => [
  gradient('FusedBatchNorm', ['x', 'mean', 'variance', 'scale'], {
    x: part((dy, parts, epsilon) => mul(dy, mul(inverse(parts, epsilon), parts[3]))),
    mean: part((dy, parts, epsilon) => neg(mul(dy, mul(inverse(parts, epsilon), parts[3]))), 1),
    variance: part((dy, parts, epsilon) => {
      const [x, mean, , scale] = parts;
      const root = inverse(parts, epsilon);
      return mul(mul(dy, sub(x, mean)), mul(mul(scale, -0.5), mul(root, mul(root, root))));
    }, 2),
    scale: part((dy, parts, epsilon) => mul(dy, mul(sub(parts[0], parts[1]), inverse(parts, epsilon))), 3),
    offset: part((dy) => dy, 1),
  }),
])();
