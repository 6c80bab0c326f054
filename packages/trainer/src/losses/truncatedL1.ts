import { abs, add, divNoNan, mean, mul, type Scalar, sign, step, sub, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { stopGradient, type WholeBatch } from '@spatialgan/core';

/**
 * How |d| ≤ τ is left out: `zero`: counts as zero in the mean over all entries (paper); `kept`: the mean is over the
 * entries above τ, over all when at most one is above (reference code); `scalar`: the mean over all, zero when ≤ τ.
 */
export type Truncation = 'zero' | 'kept' | 'scalar';

/** Options of {@link truncatedL1}. */
export interface TruncatedL1Options {
  readonly tau: number;
  readonly truncation: Truncation;
  /** Axes of the mean; default all. */
  readonly axes?: readonly number[];
  /** `kept` over all axes, of a part of a batch: the mean over the parts is then that of the batch. */
  readonly whole?: WholeBatch | undefined;
}

/** Share of each entry's |d| in the mean; constant. */
function shares(size: Tensor, { tau, truncation, whole }: TruncatedL1Options, axes: readonly number[]): Tensor {
  const entries = axes.reduce((n, axis) => n * size.shape[axis]!, 1);
  if (truncation === 'scalar') return mul(step(sub(mean(size, [...axes], true), tau)), 1 / entries);
  // A float from the start: tfjs-webgpu cannot transpose what was cast from a comparison.
  const kept = step(sub(size, tau));
  if (truncation === 'zero') return mul(kept, 1 / entries);
  const count = whole?.kept ?? sum(kept, [...axes], true);
  const several = step(sub(count, 1));
  return add(mul(kept, divNoNan(mul(several, whole?.parts ?? 1), count)), mul(sub(1, several), 1 / entries));
}

/** Number of entries above τ. */
export function countKept(difference: Tensor, tau: number): Scalar {
  return tidy(() => sum<Scalar>(step(sub(abs(difference), tau))));
}

/**
 * Mean of |d| with differences below τ truncated (Eq. 3). Differentiable in d: once; what is kept is constant.
 *
 * @param difference any shape.
 * @returns the shape without `axes`.
 */
export function truncatedL1<T extends Tensor>(difference: Tensor, options: TruncatedL1Options): T {
  const axes = options.axes ?? difference.shape.map((_, axis) => axis);
  return tidy(() => {
    const d = stopGradient(difference);
    const slope = stopGradient(mul(sign(d), shares(abs(d), options, axes)));
    return sum(mul(difference, slope), [...axes]) as T;
  });
}
