import { add, mean, mul, type Scalar, scalar, sqrt, square, sub, sum, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import { type GeneratorLoss, stopGradient, vjp } from '@spatialgan/core';

/** Options of {@link pathLength}. */
export interface PathLengthOptions {
  /** Default 2. */
  readonly weight?: number;
  /** How fast the running mean follows. Default 0.01. */
  readonly decay?: number;
  /** The penalty sees a batch this many times smaller. Default 2. */
  readonly batchShrink?: number;
  /** Steps between two evaluations. Default 4. */
  readonly interval?: number;
}

/** The running mean of path lengths, [] (the official `pl_mean`). */
export type PathLengthState = { readonly plMean: Scalar };

/**
 * Path length regularization: (|Jᵀ_w y| - a)² for image noise y ~ N(0, 1/(H·W)), lazily (§6).
 *
 * a is the running mean after this step, and the gradient flows through it too (official code); the state is not on the tape.
 * Needs a generator that is twice differentiable.
 */
export function pathLength(options: PathLengthOptions = {}): GeneratorLoss<PathLengthState> {
  const { weight = 2, decay = 0.01, batchShrink = 2, interval = 4 } = options;
  return {
    name: 'pathLength',
    network: 'G',
    weight,
    interval,
    init: () => ({ plMean: scalar(0) }),
    compute(phase, { state, report }) {
      const count = Math.max(1, Math.floor(phase.z.shape[0] / batchShrink));
      const { images, ws } = phase.sample(count);
      const [, H, W] = images.shape;
      const noise = mul(phase.rng.split('pathLength').normalTensor<Tensor4D>(images.shape), 1 / Math.sqrt(H * W));
      const { grads } = vjp(() => sum(mul(images, noise)), [ws]);
      const lengths = sqrt(mean<Tensor1D>(sum(square(grads[0]!), 2), 1));
      const plMean = add<Scalar>(state.plMean, mul(sub(mean(lengths), state.plMean), decay));
      const penalty = square(sub<Tensor1D>(lengths, plMean));
      report('Loss/pl_mean', plMean);
      report('Loss/pl_penalty', penalty);
      return { loss: penalty, state: { plMean: stopGradient(plMean) } };
    },
  };
}
