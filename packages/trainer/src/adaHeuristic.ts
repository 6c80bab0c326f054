/** Options of {@link adaHeuristic}; StyleGAN2-ADA's are the defaults of its trainer. */
export interface AdaHeuristicOptions {
  /** Mean sign of D's logits on real images that is aimed at. */
  readonly target: number;
  /** Images per step. */
  readonly batch: number;
  /** Steps between two updates. */
  readonly interval: number;
  /** Thousands of images in which p can go from 0 to 1. */
  readonly kimg: number;
}

/**
 * The next augmentation probability (§6): p moves by a fixed step towards the target of E[sign D(real)].
 *
 * Never below 0; above 1 it means the same as 1.
 */
export function adaHeuristic(p: number, meanSign: number, { target, batch, interval, kimg }: AdaHeuristicOptions): number {
  return Math.max(0, p + (Math.sign(meanSign - target) * batch * interval) / (kimg * 1000));
}
