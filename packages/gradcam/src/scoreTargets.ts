import { mul, sum, type Tensor, tensor2d } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import type { ScoreObjective } from './scoreObjective.js';

/**
 * The score of a class: of one index for all samples, or of one index each; a `scoreOf` for scores [N,K].
 *
 * @throws SpatialGANError 'SHAPE' when the scores have no such class.
 */
export function classScore(index: number | readonly number[]): ScoreObjective {
  return (scores: Tensor) => {
    const [N, K = 1] = scores.shape;
    const indices = typeof index === 'number' ? new Array<number>(N!).fill(index) : index;
    if (scores.rank !== 2 || N! % indices.length !== 0 || !indices.every((i) => Number.isInteger(i) && i >= 0 && i < K)) {
      throw new SpatialGANError('SHAPE', `classScore: expected scores [N,K] with classes ${indices.join()} for N samples, got [${scores.shape}]`);
    }
    const each = Array.from({ length: N! }, (_, n) => indices[n % indices.length]!);
    const chosen = tensor2d(each.flatMap((i) => Array.from({ length: K }, (_, k) => (k === i ? 1 : 0))), [N!, K]);
    return sum(mul(scores, chosen), 1);
  };
}
