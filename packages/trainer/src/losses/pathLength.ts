import { add, div, mean, mul, type Scalar, scalar, sqrt, square, sub, sum, type Tensor1D, type Tensor4D } from '@tensorflow/tfjs-core';
import { type GeneratorLoss, type GeneratorPhase, type SplitBatch, stopGradient, vjp } from '@spatialgan/core';

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

/** |Jᵀ_w y| of the first samples of a phase, [N / batchShrink]; on the tape. */
function pathLengths(phase: GeneratorPhase, batchShrink: number): Tensor1D {
  const count = Math.max(1, Math.floor(phase.z.shape[0] / batchShrink));
  const { images, ws } = phase.sample(count);
  const [, H, W] = images.shape;
  const noise = mul(phase.rng.split('pathLength').normalTensor<Tensor4D>(images.shape), 1 / Math.sqrt(H * W));
  const { grads } = vjp(() => sum(mul(images, noise)), [ws]);
  return sqrt(mean<Tensor1D>(sum(square(grads[0]!), 2), 1));
}

/** Mean of the lengths of all parts; a constant. */
function wholeMean(lengths: Tensor1D, { parts, totals }: SplitBatch): Scalar {
  return div<Scalar>(totals['lengths']!, parts * lengths.shape[0]);
}

/**
 * Zero, with the gradient that the whole batch's mean length m brings to the penalty: -2 · decay · (m - a) for each length.
 */
function throughMean(lengths: Tensor1D, distance: Scalar, decay: number): Tensor1D {
  return mul(sub(lengths, stopGradient(lengths)), mul(distance, -2 * decay)) as Tensor1D;
}

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
    compute(phase, { state, report, split }) {
      const lengths = pathLengths(phase, batchShrink);
      const batchMean = split ? wholeMean(lengths, split) : mean<Scalar>(lengths);
      const plMean = add<Scalar>(state.plMean, mul(sub(batchMean, state.plMean), decay));
      const penalty = square(sub<Tensor1D>(lengths, plMean));
      report('Loss/pl_mean', plMean);
      report('Loss/pl_penalty', penalty);
      const loss = split ? add<Tensor1D>(penalty, throughMean(lengths, sub(batchMean, plMean), decay)) : penalty;
      return { loss, state: { plMean: stopGradient(plMean) } };
    },
    totals: (phase) => ({ lengths: sum(pathLengths(phase, batchShrink)) }),
  };
}
