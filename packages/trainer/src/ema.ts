import { clone } from '@tensorflow/tfjs-core';
import { flattenParams, mapParams, type ParamTree } from '@spatialgan/core';
import { movingAverages } from '@spatialgan/ops';

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
  const averaged = [...flattenParams(ema)].filter(([path]) => !isBuffer(path));
  const next = movingAverages(averaged.map(([path, average]) => [average, latest.get(path)!] as const), beta);
  const byPath = new Map(averaged.map(([path], i) => [path, next[i]!]));
  return mapParams(ema, (_, path) => byPath.get(path) ?? clone(latest.get(path)!));
}
