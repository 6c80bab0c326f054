import { square, sum, type Tensor1D } from '@tensorflow/tfjs-core';
import { type DiscriminatorLoss, noTap, vjp } from '@spatialgan/core';

/** Options of {@link r1}. */
export interface R1Options {
  /** γ; the penalty's weight is γ/2. */
  readonly gamma: number;
  /** Steps between two evaluations. Default 16. */
  readonly interval?: number;
}

/**
 * R1: γ/2 · Σ over pixels of (∂ΣD(x)/∂x)², lazily (§6). Needs a discriminator that is twice differentiable.
 */
export function r1({ gamma, interval = 16 }: R1Options): DiscriminatorLoss<void> {
  return {
    name: 'r1',
    network: 'D',
    weight: gamma / 2,
    interval,
    compute({ real, score }, { report }) {
      const { grads } = vjp(() => score(real, noTap), [real]);
      const penalty = sum<Tensor1D>(square(grads[0]!), [1, 2, 3]);
      report('Loss/r1_penalty', penalty);
      return { loss: penalty };
    },
  };
}
