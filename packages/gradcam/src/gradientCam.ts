import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { AttentionExtractor } from '@spatialgan/core';
import type { GradientCamOptions } from './gradCam.js';
import { gradientExtractor, type GradientMethod } from './gradientExtractor.js';
import { rectified } from './rectified.js';

/** What most methods differ in. */
export interface GradientWeighing extends Pick<GradientMethod, 'name' | 'weight'> {
  /** weights, A [N,h,w,C] → what is rectified, [N,h,w,1]. */
  total(weights: Tensor4D, features: Tensor4D): Tensor4D;
}

/** A method with the options of most: the logit is explained, one ReLU follows the sum over channels. */
export function gradientCam({ targets, scoreOf = 'logit', relu, weights }: GradientCamOptions, { name, weight, total }: GradientWeighing): AttentionExtractor {
  return gradientExtractor({ name, targets, scoreOf, weights, weight, combine: (w, features) => rectified(total(w, features), relu) });
}
