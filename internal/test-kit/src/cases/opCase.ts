import type { GradCase } from '../gradErrors.js';

/** One row's worth of an op: checked to `order` by the tests and measured by the conformance table. */
export interface OpCase extends GradCase {
  /** The op's name, as exported. */
  readonly op: string;
  /** What is special about this case. */
  readonly variant: string;
  /** Highest order of differentiation that is defined. */
  readonly order: 1 | 2;
  /** Backends whose own arithmetic cannot meet the bounds, with the reason; they are measured and not judged. */
  readonly imprecise?: Readonly<Record<string, string>>;
}
