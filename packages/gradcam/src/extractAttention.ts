import { type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type AttentionExtractor, collectTaps, type NamedMaps, stopGradient, type TappedScore } from '@spatialgan/core';
import { withRecordedPass } from './gradientExtractor.js';

/**
 * The attention of any tapped score, as constants: [N,h,w,1] per target, values ≥ 0 (unless the extractor leaves the ReLU out), not normalized.
 *
 * Runs the score once where the extractor can weigh a recorded pass, else twice. The caller owns the maps.
 */
export function extractAttention(extractor: AttentionExtractor, score: TappedScore, images: Tensor4D): NamedMaps {
  const { targets, weighPass } = extractor;
  if (weighPass) {
    return withRecordedPass({ targets, score, images }, (pass) => extractor.attend(weighPass.call(extractor, pass), pass.features));
  }
  return tidy(() => {
    const weights = extractor.weigh(score, images);
    const { tap, features } = collectTaps(targets);
    score(images, tap);
    const maps = Object.entries(extractor.attend(weights, features));
    return Object.fromEntries(maps.map(([target, map]) => [target, stopGradient(map)]));
  });
}
