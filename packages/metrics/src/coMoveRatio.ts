import { type Interval, normalInterval } from './metricResult.js';

/** A vector in image sides. */
export interface Offset {
  readonly x: number;
  readonly y: number;
}

/**
 * How far an object followed its region: q·p / |p|² (§4.3); 1 = it moved along, 0 = it stayed.
 *
 * @param p how the region's center was moved; not zero.
 * @param q how the object's center moved.
 */
export function coMoveRatio(p: Offset, q: Offset): number {
  return (p.x * q.x + p.y * q.y) / (p.x * p.x + p.y * p.y);
}

export interface Estimate {
  readonly mean: number;
  readonly std: number;
  /** 95 %; null for less than two values. */
  readonly interval: Interval | null;
}

/** Mean of independent values with its normal interval; NaN of none. */
export function estimateMean(values: ArrayLike<number>): Estimate {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  if (all.length < 2) return { mean, std: 0, interval: null };
  const std = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1));
  return { mean, std, interval: normalInterval(mean, std / Math.sqrt(all.length)) };
}
