import { fill, mean, mul, square, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type AttentionExtractor, collectTaps } from '@spatialgan/core';

/** Attention without gradients: the mean energy of the features at each place. */
export function energyExtractor(targets: readonly string[]): AttentionExtractor {
  return {
    name: 'energy',
    targets,
    weigh: (score, images) =>
      tidy(() => {
        const { tap, features } = collectTaps(targets);
        score(images, tap);
        return Object.fromEntries(
          targets.map((target) => {
            const [N, , , C] = features[target]!.shape;
            return [target, fill([N, 1, 1, C], 1) as Tensor4D];
          }),
        );
      }),
    attend: (weights, features) =>
      tidy(() =>
        Object.fromEntries(
          targets.map((target) => [target, mean<Tensor4D>(mul(weights[target]!, square(features[target]!)), 3, true)]),
        ),
      ),
  };
}
