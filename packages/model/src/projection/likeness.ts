import { add, addN, div, mean, mul, sqrt, square, sub, sum, type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { collectTaps, type NamedMaps, type TappedScore } from '@spatialgan/core';

/** What {@link createLikeness} compares by. */
export interface LikenessOptions {
  /** D's blocks whose features are compared; none: pixels alone. */
  readonly targets: readonly string[];
  /** D; absent when it is not shipped. */
  readonly score?: TappedScore | undefined;
  /** Weight of the features beside the mean squared error of the pixels. Default 0.1. */
  readonly featureWeight?: number;
}

/** How unlike images are to one photo. */
export interface Likeness {
  /** One loss for each image, [N]; inside a tidy. Differentiable by the images. */
  distances(images: Tensor4D): { readonly loss: Tensor; readonly pixels: Tensor };
  dispose(): void;
}

/** Features of unit length at every place, as LPIPS compares them: what is there counts, not how strongly D saw it. */
const unit = (features: Tensor4D): Tensor4D => div(features, sqrt(add(sum(square(features), 3, true), 1e-8))) as Tensor4D;

function features({ targets, score }: LikenessOptions, images: Tensor4D): NamedMaps {
  if (!score || targets.length === 0) return {};
  const { tap, features: seen } = collectTaps(targets);
  score(images, tap);
  return Object.fromEntries(Object.entries(seen).map(([name, map]) => [name, unit(map)]));
}

/**
 * Likeness to a photo [1,H,W,C] in [-1, 1]: pixels, and what the discriminator sees in them (its taps as perceptual features).
 */
export function createLikeness(photo: Tensor4D, options: LikenessOptions): Likeness {
  const { featureWeight = 0.1 } = options;
  const wanted = tidy(() => features(options, photo) as Record<string, Tensor4D>);
  return {
    distances(images) {
      const pixels = mean(square(sub(images, photo)), [1, 2, 3]);
      const seen = Object.entries(features(options, images)).map(([name, map]) => mean(sum(square(sub(map, wanted[name]!)), 3), [1, 2]));
      return { loss: seen.length === 0 ? pixels : add(pixels, mul(addN(seen), featureWeight)), pixels };
    },
    dispose() {
      for (const map of Object.values(wanted)) map.dispose();
    },
  };
}

/** Peak signal-to-noise ratio in decibels of a mean squared error on [-1, 1]. */
export const psnrOf = (meanSquaredError: number): number => 10 * Math.log10(4 / Math.max(meanSquaredError, 1e-10));
