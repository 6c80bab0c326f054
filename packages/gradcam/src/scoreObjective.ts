import { neg, softplus, type Tensor } from '@tensorflow/tfjs-core';

/**
 * What the gradient is taken of: the `logit` itself, maximized (paper §3.1); `softplus`: Σ softplus(-logit), whose
 * gradient points the other way (reference code); or any function of the scores, whose entries are summed.
 */
export type ScoreObjective = 'logit' | 'softplus' | ((scores: Tensor) => Tensor);

/** The scores [N] or [N,1] → what is differentiated; entries count as summed. */
export function objectiveOf(objective: ScoreObjective, scores: Tensor): Tensor {
  if (typeof objective === 'function') return objective(scores);
  return objective === 'logit' ? scores : softplus(neg(scores));
}
