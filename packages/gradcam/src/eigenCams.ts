import { mean, mul, sub, sum, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type AttentionExtractor, collectTaps, SpatialGANError } from '@spatialgan/core';
import type { CamOptions, GradientCamOptions } from './gradCam.js';
import { gradientCam } from './gradientCam.js';
import { principalComponent } from './principalComponent.js';
import { rectified } from './rectified.js';
import { tapped } from './tapped.js';

/** Σ_k w_k A_k less its mean over space. */
function centered(weights: Tensor4D, features: Tensor4D): Tensor4D {
  const along = sum<Tensor4D>(mul(weights, features), 3, true);
  return sub<Tensor4D>(along, mean(along, [1, 2], true));
}

/**
 * Eigen-CAM (Muhammad and Yeasin 2020): the features projected on the direction in which they vary most; the score plays
 * no part. The sign, which the method leaves open, is the one on whose side the features' mean lies.
 *
 * @throws SpatialGANError 'CONFIG' when there is no target, or the score never taps one.
 */
export function eigenCam({ targets, relu }: Pick<CamOptions, 'targets' | 'relu'>): AttentionExtractor {
  if (targets.length === 0) throw new SpatialGANError('CONFIG', 'eigenCam: expected the name of at least one tap, got none');
  const combine = (weights: Tensor4D, features: Tensor4D): Tensor4D => rectified(centered(weights, features), relu);
  return {
    name: 'eigenCam',
    targets,
    weigh: (score, images) => tidy(() => {
      const { tap, features } = collectTaps(targets);
      score(images, tap);
      return Object.fromEntries(targets.map((t) => [t, principalComponent(tapped('eigenCam', features, t))]));
    }),
    weighPass: ({ features }) => tidy(() =>
      Object.fromEntries(targets.map((t) => [t, principalComponent(tapped('eigenCam', features, t))]))),
    attend: (weights, features) => tidy(() =>
      Object.fromEntries(targets.map((t) => [t, combine(tapped('eigenCam', weights, t), tapped('eigenCam', features, t))]))),
  };
}

/**
 * Eigen-CAM of gradient · features: as {@link eigenCam}, but the score decides which features count.
 *
 * With `weights: 'differentiable'` the gradient flows through gradient and features; the direction stays constant.
 */
export const eigenGradCam = (options: GradientCamOptions): AttentionExtractor =>
  gradientCam(options, {
    name: 'eigenGradCam',
    weight: (gradient, features) => mul(gradient, principalComponent(mul(gradient, features))),
    total: centered,
  });
