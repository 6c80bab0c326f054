import { type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { TappedScore } from '@spatialgan/core';

/** A place where one may look. */
export interface TapInfo {
  readonly name: string;
  /** [N,h,w,C]. */
  readonly shape: readonly [number, number, number, number];
  /** The one to start with: the last that still has space (h·w > 1), where features mean most. */
  readonly suggested: boolean;
}

/** What a score taps, in the order it does. Runs it once. */
export function listTaps(score: TappedScore, images: Tensor4D): readonly TapInfo[] {
  const taps: { name: string; shape: TapInfo['shape'] }[] = [];
  tidy(() => {
    score(images, (name, x) => {
      taps.push({ name, shape: x.shape as TapInfo['shape'] });
      return x;
    });
  });
  const last = taps.reduce((found, { shape: [, h, w] }, i) => (h * w > 1 ? i : found), -1);
  return taps.map((tap, i) => ({ ...tap, suggested: i === last }));
}
