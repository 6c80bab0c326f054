import { expect } from 'vitest';
import { type GradCase, gradErrors } from './gradErrors.js';

/** Bounds of {@link gradCheck}, relative to the largest entry. */
export interface GradCheckOptions {
  /** Highest order to check. Default 2. */
  readonly order?: 0 | 1 | 2;
  /** Default 1e-5. */
  readonly value?: number;
  /** Default 1e-5. */
  readonly first?: number;
  /** Default 1e-4. */
  readonly second?: number;
}

/** Expects an op and its derivatives to agree with a double-precision reference and its central differences. */
export async function gradCheck(test: GradCase, options: GradCheckOptions = {}): Promise<void> {
  const { order = 2, value = 1e-5, first = 1e-5, second = 1e-4 } = options;
  const errors = await gradErrors(test, order);
  expect(errors.value, 'error of the value').toBeLessThanOrEqual(value);
  if (order >= 1) expect(errors.first, 'error of the first order').toBeLessThanOrEqual(first);
  if (order >= 2) expect(errors.second, 'error of the second order').toBeLessThanOrEqual(second);
}
