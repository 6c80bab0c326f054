import { engine, scalar, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import {
  type AttentionExtractor, collectTaps, type NamedMaps, type RecordedPass, SpatialGANError, stopGradient, type TappedScore,
  valueAndGrad, vjp,
} from '@spatialgan/core';
import { objectiveOf, type ScoreObjective } from './scoreObjective.js';
import { tapped } from './tapped.js';

/** What the methods of the CAM family differ in. */
export interface GradientMethod {
  readonly name: string;
  readonly targets: readonly string[];
  readonly scoreOf: ScoreObjective;
  /** Whether gradients flow through the weights that `weighPass` finds. Default `constant`. */
  readonly weights?: 'constant' | 'differentiable' | undefined;
  /** ∂score/∂A and A [N,h,w,C] → weights. Both are constants, unless the weights shall be differentiable. */
  weight(gradient: Tensor4D, features: Tensor4D): Tensor4D;
  /** weights, A [N,h,w,C] → map [N,h,w,1]. */
  combine(weights: Tensor4D, features: Tensor4D): Tensor4D;
}

/** Makes one pass under a tape of its own and hands out constants made from it. */
export function withRecordedPass(
  { targets, score, images }: { targets: readonly string[]; score: TappedScore; images: Tensor4D },
  use: (pass: RecordedPass) => NamedMaps,
): NamedMaps {
  return tidy(() => {
    // The tape needs something to differentiate by; the features become known only on it.
    const record = valueAndGrad(() => {
      const { tap, features } = collectTaps(targets);
      const scores = score(images, tap);
      return { loss: scalar(0), aux: use({ scores, features }) };
    }, { anchor: scalar(0) });
    return record.aux as NamedMaps;
  });
}

/** An extractor whose weights come from the gradient of the score at the targets. One forward and backward pass for all. */
export function gradientExtractor(method: GradientMethod): AttentionExtractor {
  const { name, targets, scoreOf, weights: mode = 'constant', weight, combine } = method;
  const held = (x: Tensor4D): Tensor4D => (mode === 'constant' ? stopGradient(x) : x);
  if (targets.length === 0) throw new SpatialGANError('CONFIG', `${name}: expected the name of at least one tap, got none`);
  const weighPass = ({ scores, features }: RecordedPass): NamedMaps => {
    if (engine().state.gradientDepth === 0) {
      throw new SpatialGANError('NOT_DIFFERENTIABLE', `${name}.weighPass: expected a pass under the current tape, got none; use weigh`);
    }
    return tidy(() => {
      const maps = targets.map((target) => tapped(name, features, target));
      const { grads } = vjp(() => objectiveOf(scoreOf, scores), maps);
      return Object.fromEntries(targets.map((target, i) => [target, held(weight(grads[i] as Tensor4D, held(maps[i]!)))]));
    });
  };
  return {
    name,
    targets,
    weighPass,
    weigh: (score, images) => withRecordedPass({ targets, score, images }, weighPass),
    attend: (weights, features) =>
      tidy(() =>
        Object.fromEntries(targets.map((t) => [t, combine(tapped(name, weights, t), tapped(name, features, t))])),
      ),
  };
}
