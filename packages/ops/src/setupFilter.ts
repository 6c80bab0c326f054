import { type Tensor1D, type Tensor2D, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';

/** Taps of a FIR filter: 1-D (its outer product is meant) or 2-D rows; null is the identity. */
export type FilterTaps = readonly number[] | readonly (readonly number[])[] | null;

/** The taps of StyleGAN2's resampling filter. */
export const DEFAULT_FIR: readonly number[] = [1, 3, 3, 1];

/** Settings of {@link setupFilter}. */
export interface SetupFilterOptions {
  /** Make the taps sum to one. Default true. */
  readonly normalize?: boolean;
  /** Mirror the taps. Default false. */
  readonly flip?: boolean;
  /** Gain of the whole 2-D filter. Default 1. */
  readonly gain?: number;
  /**
   * Keep a 1-D filter 1-D, which is applied along both axes in turn: the same result up to rounding and several times
   * faster. Default: whenever the taps are 1-D. (The official code makes 2-D ones of less than 8 taps.)
   */
  readonly separable?: boolean;
}

const is2d = (taps: readonly number[] | readonly (readonly number[])[]): taps is readonly (readonly number[])[] =>
  Array.isArray(taps[0]);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/**
 * Prepares a FIR filter for {@link upfirdn2d}. The caller owns it.
 *
 * A 1-D result is applied along both axes, each with the square root of the gain.
 *
 * @throws SpatialGANError 'CONFIG' when the taps are empty or ragged, or a separable filter is asked for with 2-D taps or a negative gain.
 */
export function setupFilter(taps: FilterTaps, options: SetupFilterOptions = {}): Tensor1D | Tensor2D {
  const { normalize = true, flip = false, gain = 1 } = options;
  const given = taps ?? [1];
  const wide = is2d(given);
  if (given.length === 0 || (wide && given.some((row) => row.length === 0 || row.length !== given[0]!.length))) {
    throw new SpatialGANError('CONFIG', 'setupFilter: taps must be a list of numbers or rows of one length, not empty');
  }
  const separable = options.separable ?? !wide;
  if (wide && separable) throw new SpatialGANError('CONFIG', 'setupFilter: a 2-D filter cannot stay separable; give 1-D taps');
  if (separable && gain < 0) throw new SpatialGANError('CONFIG', `setupFilter: a separable filter has no real root of gain ${gain}`);
  const rows = wide ? given : separable ? [given] : given.map((a) => given.map((b) => a * b));
  const scale = gain ** (separable ? 0.5 : 1) / (normalize ? sum(rows.map(sum)) : 1);
  const scaled = rows.map((row) => row.map((v) => v * scale));
  const turned = flip ? scaled.map((row) => [...row].reverse()).reverse() : scaled;
  return separable ? tensor1d(turned[0]!) : tensor2d(turned);
}
