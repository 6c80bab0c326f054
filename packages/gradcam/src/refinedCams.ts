import { add, div, divNoNan, mul, relu, square, sum, type Tensor4D } from '@tensorflow/tfjs-core';
import type { AttentionExtractor } from '@spatialgan/core';
import type { GradientCamOptions } from './gradCam.js';
import { gradientCam } from './gradientCam.js';
import { weightedSum } from './weightedSum.js';

const overSpace = (x: Tensor4D): Tensor4D => sum<Tensor4D>(x, [1, 2], true);

/**
 * Grad-CAM++ (Chattopadhyay et al. 2018, Eq. 19 for an exponential of the score): weights = Σ α · ReLU(g) over space with
 * α = g² / (2 g² + g³ Σ A + 1e-6), g = ∂score/∂A. Otherwise as gradCam.
 */
export const gradCamPlusPlus = (options: GradientCamOptions): AttentionExtractor =>
  gradientCam(options, {
    name: 'gradCamPlusPlus',
    weight: (gradient, features) => {
      const squared = square(gradient);
      const denominator = add(mul(squared, add(2, mul(gradient, overSpace(features)))), 1e-6);
      return overSpace(mul(divNoNan(squared, denominator), relu(gradient)));
    },
    total: weightedSum,
  });

/**
 * XGrad-CAM (Fu et al. 2020, Eq. 8): weights = Σ g · A / (Σ A + 1e-7) over space, g = ∂score/∂A: the weights for which the
 * map sums to the score's linear part. Otherwise as gradCam.
 */
export const xGradCam = (options: GradientCamOptions): AttentionExtractor =>
  gradientCam(options, {
    name: 'xGradCam',
    weight: (gradient, features) => div(overSpace(mul(gradient, features)), add(overSpace(features), 1e-7)) as Tensor4D,
    total: weightedSum,
  });
