import { clone } from '@tensorflow/tfjs-core';
import { flattenParams, mapParams, type ParamTree } from '@spatialgan/core';
import { movingAverage } from '@spatialgan/ops';

/** Exponential moving average of the generator (§6). */
export interface EmaOptions {
  /** Half-life in thousands of images. */
  readonly kimg: number;
  /** Half-life as a fraction of the images seen, in the beginning; null = no ramp-up. */
  readonly rampup: number | null;
}

/** β = 0.5^(batch / half-life); the half-life ramps up with the images seen. */
export function emaBeta({ kimg, rampup }: EmaOptions, batch: number, imagesSeen: number): number {
  const halfLife = Math.min(kimg * 1000, rampup === null ? Infinity : imagesSeen * rampup);
  return 0.5 ** (batch / Math.max(halfLife, 1e-8));
}

/**
 * A new average: β·ema + (1-β)·params for parameters, copies for buffers. The caller owns the result
 * and still owns both arguments.
 */
export function emaUpdate<P extends ParamTree>(
  ema: P,
  params: P,
  { beta, isBuffer }: { readonly beta: number; readonly isBuffer: (path: string) => boolean },
): P {
  const latest = flattenParams(params);
  return mapParams(ema, (average, path) => {
    const now = latest.get(path)!;
    return isBuffer(path) ? clone(now) : movingAverage(average, now, beta);
  });
}
