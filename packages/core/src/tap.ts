import { type Tensor, type Tensor4D, tidy } from '@tensorflow/tfjs-core';

/**
 * Names an intermediate feature map. Models call it where others may look; it returns what it
 * is given unless an extractor listens. The gradient of a tapped value is had by adding zeros
 * to it and differentiating with respect to the zeros.
 */
export type Tap = (name: string, features: Tensor4D) => Tensor4D;

/** images [N,H,W,C] → one score per image, [N] or [N,1]. All that a GAN must offer to be explained. */
export type TappedScore = (images: Tensor4D, tap: Tap) => Tensor;

/** Feature maps by tap name, NHWC. */
export type NamedMaps = Readonly<Record<string, Tensor4D>>;

/** A tap that looks at nothing. */
export const noTap: Tap = (_name, features) => features;

/** A tap that collects what passes under the given names (all names when none are given). */
export function collectTaps(names?: readonly string[]): { readonly tap: Tap; readonly features: Record<string, Tensor4D> } {
  const features: Record<string, Tensor4D> = {};
  const tap: Tap = (name, value) => {
    if (!names || names.includes(name)) features[name] = value;
    return value;
  };
  return { tap, features };
}

/**
 * Frees a forward pass' intermediates like `tidy`, except what passed a tap: an extractor goes on
 * using it, so it lives in the caller's scope. Without a listener it is plain `tidy`.
 */
export function tidyTapped<T extends Tensor>(tap: Tap, pass: (tap: Tap) => T): T {
  if (tap === noTap) return tidy(() => pass(noTap));
  const { result } = tidy(() => {
    const tapped: Tensor4D[] = [];
    const result = pass((name, features) => {
      const seen = tap(name, features);
      tapped.push(features, seen);
      return seen;
    });
    return { result, tapped };
  });
  return result;
}
