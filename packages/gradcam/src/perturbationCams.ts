import {
  abs, add, concat, div, image, mul, reshape, slice, softmax, sub, sum, tensor4d, type Tensor2D, type Tensor4D, tidy, tile, transpose,
} from '@tensorflow/tfjs-core';
import { type AttentionExtractor, collectTaps, type NamedMaps, noTap, SpatialGANError, stopGradient, type Tap, type TappedScore } from '@spatialgan/core';
import type { CamOptions } from './gradCam.js';
import { minMaxNormalize } from './minMaxNormalize.js';
import { rectified } from './rectified.js';
import { objectiveOf, type ScoreObjective } from './scoreObjective.js';
import { tapped } from './tapped.js';
import { weightedSum } from './weightedSum.js';

/** Options of {@link scoreCam} and {@link ablationCam}. */
export interface PerturbationOptions extends CamOptions {
  /** Copies of the images that go through the score at once; trades memory for speed. Default 8. */
  readonly channelsPerPass?: number;
}

/** Runs of the score on copies of the images, one copy per channel of a group. */
interface Pass {
  readonly score: TappedScore;
  readonly images: Tensor4D;
  readonly features: Tensor4D;
  readonly target: string;
  readonly objective: (images: Tensor4D, tap: Tap, copies: number) => Tensor2D;
}

/** What one method makes of a group of channels: the objective [N, channels]. */
type GroupScores = (pass: Pass, first: number, channels: number) => Tensor2D;

/** One objective per copy and sample. @throws SpatialGANError 'CONFIG' when scoreOf mixes the samples. */
function perSample(name: string, score: TappedScore, scoreOf: ScoreObjective, batch: number): Pass['objective'] {
  return (images, tap, copies) => {
    const values = objectiveOf(scoreOf, score(images, tap));
    if (values.shape[0] !== copies * batch) {
      throw new SpatialGANError(
        'CONFIG', `${name}: expected scoreOf to keep one row per sample, [${copies * batch},…], got [${values.shape}]; reduce other axes only`);
    }
    return transpose(reshape(sum(reshape(values, [copies * batch, -1]), 1), [copies, batch])) as Tensor2D;
  };
}

interface PerturbationMethod {
  readonly name: string;
  readonly options: PerturbationOptions;
  readonly group: GroupScores;
  /** Objectives of all channels [N,C] and of the untouched images [N,1] → weights [N,C]. */
  readonly weights: (scores: Tensor2D, untouched: Tensor2D) => Tensor2D;
}

function perturbationExtractor({ name, options, group, weights }: PerturbationMethod): AttentionExtractor {
  const { targets, scoreOf = 'logit', channelsPerPass = 8, relu } = options;
  if (targets.length === 0) throw new SpatialGANError('CONFIG', `${name}: expected the name of at least one tap, got none`);
  if (!(Number.isInteger(channelsPerPass) && channelsPerPass >= 1)) {
    throw new SpatialGANError('CONFIG', `${name}: expected channelsPerPass to be a whole number of at least 1, got ${channelsPerPass}`);
  }
  const weigh = (score: TappedScore, images: Tensor4D): NamedMaps => tidy(() => {
    const { tap, features } = collectTaps(targets);
    const objective = perSample(name, score, scoreOf, images.shape[0]);
    const untouched = objective(images, tap, 1);
    const found = targets.map((target): [string, Tensor4D] => {
      const maps = tapped(name, features, target);
      const [N, , , C] = maps.shape;
      const pass = { score, images, features: maps, target, objective };
      const groups: Tensor2D[] = [];
      for (let first = 0; first < C; first += channelsPerPass) {
        groups.push(tidy(() => group(pass, first, Math.min(channelsPerPass, C - first))));
      }
      return [target, stopGradient(reshape(weights(concat(groups, 1), untouched), [N, 1, 1, C]) as Tensor4D)];
    });
    return Object.fromEntries(found);
  });
  const attend = (held: NamedMaps, features: NamedMaps): NamedMaps => tidy(() =>
    Object.fromEntries(targets.map((t) => [t, rectified(weightedSum(tapped(name, held, t), tapped(name, features, t)), relu)])));
  return { name, targets, weigh, attend };
}

/** The images through each channel's map, enlarged and scaled to [0, 1]. */
const maskedScores: GroupScores = ({ images, features, objective }, first, channels) => {
  const [N, H, W] = images.shape;
  const [, h, w] = features.shape;
  const maps = slice(features, [0, 0, 0, first], [N, h, w, channels]);
  const enlarged = image.resizeBilinear(reshape(transpose(maps, [3, 0, 1, 2]), [channels * N, h, w, 1]) as Tensor4D, [H, W], true);
  return objective(mul(tile(images, [channels, 1, 1, 1]), minMaxNormalize(enlarged)), noTap, channels);
};

/** The images with one channel after the other set to 0 at the target. */
const ablatedScores: GroupScores = ({ images, features, target, objective }, first, channels) => {
  const [N, , , C] = features.shape;
  const kept = new Float32Array(channels * N * C).fill(1);
  for (let copy = 0; copy < channels; copy++) for (let n = 0; n < N; n++) kept[(copy * N + n) * C + first + copy] = 0;
  const mask = tensor4d(kept, [channels * N, 1, 1, C]);
  const ablate: Tap = (name, x) => (name === target ? mul(x, mask) : x);
  return objective(tile(images, [channels, 1, 1, 1]), ablate, channels);
};

/**
 * Score-CAM (Wang et al. 2020): weights = softmax over channels of the score that the image keeps when it is masked by the
 * channel's map. No gradients: one run of the score per channel.
 *
 * @throws SpatialGANError 'CONFIG' on a target that is not tapped, or a scoreOf that mixes samples.
 */
export const scoreCam = (options: PerturbationOptions): AttentionExtractor =>
  perturbationExtractor({ name: 'scoreCam', options, group: maskedScores, weights: (scores) => softmax(scores) });

/**
 * Ablation-CAM (Desai and Ramaswamy 2020): weights = the share of the score that is lost without the channel,
 * (y − y_k) / |y|. No gradients: one run of the score per channel.
 *
 * The paper divides by y; its size instead keeps the meaning of scores that may be negative, such as a critic's.
 *
 * @throws SpatialGANError 'CONFIG' on a target that is not tapped, or a scoreOf that mixes samples.
 */
export const ablationCam = (options: PerturbationOptions): AttentionExtractor =>
  perturbationExtractor({
    name: 'ablationCam', options, group: ablatedScores,
    weights: (scores, untouched) => div(sub(untouched, scores), add(abs(untouched), 1e-7)),
  });
