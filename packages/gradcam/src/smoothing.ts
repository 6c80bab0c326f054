import { add, mul, relu, reverse, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type AttentionExtractor, type NamedMaps, SpatialGANError, type TappedScore } from '@spatialgan/core';
import { extractAttention } from './extractAttention.js';
import { minMaxNormalize } from './minMaxNormalize.js';
import { principalComponent, projectOnPrincipal } from './principalComponent.js';
import { tapped } from './tapped.js';

/**
 * The same extractor, its maps replaced by the first principal component of weights · features (positive part), which
 * leaves out what single channels add as noise. The weights stay as they are.
 */
export function eigenSmooth(extractor: AttentionExtractor): AttentionExtractor {
  const name = `eigenSmooth(${extractor.name})`;
  const attend = (weights: NamedMaps, features: NamedMaps): NamedMaps => tidy(() =>
    Object.fromEntries(extractor.targets.map((target) => {
      const weighted = mul<Tensor4D>(tapped(name, weights, target), tapped(name, features, target));
      return [target, relu(projectOnPrincipal(weighted, principalComponent(weighted)))];
    })));
  return { ...extractor, name, attend };
}

/** Options of {@link smoothAttention}. */
export interface SmoothingOptions {
  /** Also look at the mirrored images. Default true. */
  readonly flip?: boolean;
  /** The images are looked at once multiplied by each of these. Default 0.9, 1, 1.1. */
  readonly factors?: readonly number[];
}

/**
 * The mean attention over mirrored and scaled copies of the images, each copy's map scaled to [0, 1] per sample.
 *
 * The caller owns the maps: [N,h,w,1] per target, constants, in [0, 1].
 *
 * @throws SpatialGANError 'CONFIG' when there is no factor.
 */
export function smoothAttention(
  { extractor, score, images }: { readonly extractor: AttentionExtractor; readonly score: TappedScore; readonly images: Tensor4D },
  { flip = true, factors = [0.9, 1, 1.1] }: SmoothingOptions = {},
): NamedMaps {
  if (factors.length === 0) throw new SpatialGANError('CONFIG', 'smoothAttention: expected at least one factor, got none');
  const views = factors.flatMap((factor) => (flip ? [{ factor, mirror: false }, { factor, mirror: true }] : [{ factor, mirror: false }]));
  return tidy(() => {
    const seen = views.map(({ factor, mirror }) => tidy(() => {
      const view = mul<Tensor4D>(mirror ? reverse(images, 2) : images, factor);
      const maps = Object.entries(extractAttention(extractor, score, view));
      return Object.fromEntries(maps.map(([target, map]) => [target, minMaxNormalize(mirror ? reverse(map, 2) : map)]));
    }));
    return Object.fromEntries(extractor.targets.map((target) => {
      const total = seen.map((maps) => maps[target]!).reduce((a, b) => add(a, b));
      return [target, mul<Tensor4D>(total, 1 / views.length)];
    }));
  });
}
