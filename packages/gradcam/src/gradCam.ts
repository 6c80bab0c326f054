import { mean, mul, relu, sum, type Tensor4D } from '@tensorflow/tfjs-core';
import type { AttentionExtractor } from '@spatialgan/core';
import { gradientCam } from './gradientCam.js';
import { gradientExtractor } from './gradientExtractor.js';
import type { ScoreObjective } from './scoreObjective.js';
import { type MapRelu, rectified } from './rectified.js';
import { weightedSum } from './weightedSum.js';

/** What all methods of the family take. */
export interface CamOptions {
  /** Names of the tapped feature maps to explain, e.g. ['b8', 'b16', 'b32']. */
  readonly targets: readonly string[];
  /** What the gradient is taken of. Default `logit` (paper §3.1). */
  readonly scoreOf?: ScoreObjective;
  /** ReLU after the sum over channels (default), or none: negative values speak against the score. */
  readonly relu?: MapRelu;
}

/** What the methods take whose weights come from a gradient. */
export interface GradientCamOptions extends CamOptions {
  /**
   * `constant` (default, as in training §3.3): no gradient flows through the weights. `differentiable`: those of
   * `weighPass` depend on the features and whatever they came from, so a loss on the map sees all of it (second order).
   */
  readonly weights?: 'constant' | 'differentiable';
}

/** Options of {@link gradCam}. */
export interface GradCamOptions extends Omit<GradientCamOptions, 'relu'> {
  /** Which defaults hold. Default `paper` (§3.1); `reference`: `softplus` and `before-sum`. */
  readonly preset?: 'paper' | 'reference';
  /** ReLU after the sum over channels (paper §3.1, default), on each channel before it (reference code), or none. */
  readonly relu?: MapRelu | 'before-sum';
}

/**
 * Grad-CAM (§3.1): weights = spatial mean of ∂score/∂A, map = ReLU(Σ_k w_k A_k).
 *
 * All targets cost one forward and one backward pass. `attend` is differentiable in the features: any order.
 *
 * @throws SpatialGANError 'CONFIG' when there is no target, or the score never taps one.
 */
export function gradCam({ preset, targets, weights: mode, ...options }: GradCamOptions): AttentionExtractor {
  const reference = preset === 'reference';
  const { scoreOf = reference ? 'softplus' : 'logit', relu: order = reference ? 'before-sum' : 'after-sum' } = options;
  return gradientExtractor({
    name: 'gradCam',
    targets,
    scoreOf,
    weights: mode,
    weight: (gradient) => mean(gradient, [1, 2], true),
    combine: (weights, features) =>
      order === 'before-sum' ? sum<Tensor4D>(relu(mul(weights, features)), 3, true) : rectified(weightedSum(weights, features), order),
  });
}

const overChannels = (weights: Tensor4D, features: Tensor4D): Tensor4D => sum<Tensor4D>(mul(weights, features), 3, true);

/** HiResCAM: map = ReLU(Σ_k ∂score/∂A_k · A_k), weights per place. Otherwise as {@link gradCam}. */
export const hiResCam = (options: GradientCamOptions): AttentionExtractor =>
  gradientCam(options, { name: 'hiResCam', weight: (gradient) => gradient, total: overChannels });

/** LayerCAM: as {@link hiResCam} with only the positive gradients: map = ReLU(Σ_k ReLU(∂score/∂A_k) · A_k). */
export const layerCam = (options: GradientCamOptions): AttentionExtractor =>
  gradientCam(options, { name: 'layerCam', weight: relu, total: overChannels });
