import { reshape, slice, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type BatchPart, type DiscriminatorModel, SpatialGANError } from '@spatialgan/core';

/**
 * A part's rows of a batch: i, i + parts, i + 2·parts, … of the first axis; the caller owns the result.
 *
 * Parts interleave so that each holds whole groups of the minibatch deviation (sample i belongs to group i mod N/G).
 */
export function rowsOfPart<T extends Tensor>(x: T, { index, parts }: BatchPart): T {
  const [N, ...rest] = x.shape as [number, ...number[]];
  const size = x.size / N;
  return tidy(() => reshape(slice(reshape(x, [N / parts, parts, size]), [0, index, 0], [N / parts, 1, size]), [N / parts, ...rest]) as T);
}

/** How a run's batches are computed. */
export interface BatchSplit {
  /** Images that one process computes at a time. */
  readonly batchGpu?: number | undefined;
  /** Processes that share each batch. Default 1. */
  readonly size?: number | undefined;
}

/**
 * Number of parts of a batch.
 *
 * @throws SpatialGANError 'CONFIG' when it does not divide evenly, or would cut samples apart that D scores together.
 */
export function partsOf(batch: number, { batchGpu, size = 1 }: BatchSplit, { groupSize }: Pick<DiscriminatorModel, 'groupSize'>): number {
  const each = batchGpu ?? batch / size;
  const fail = (what: string): never => {
    throw new SpatialGANError('CONFIG', `createTrainer: ${what}`);
  };
  if (!Number.isInteger(each) || each < 1 || batch % (each * size) !== 0) {
    const workers = size > 1 ? ` on ${size} workers` : '';
    fail(`expected a batch that divides into parts of ${batchGpu ?? 'equal size'}${workers}, got ${batch}; change the batch${batchGpu === undefined ? '' : ', batchGpu'} or the workers`);
  }
  if (each === batch) return 1;
  if (groupSize === null) fail('expected D to score samples in groups, got one that scores the whole batch together: it cannot be split; give it a group size');
  const group = Math.min(groupSize ?? 1, batch);
  if (each % group !== 0) {
    fail(`expected parts that hold whole groups of ${group} (the minibatch deviation's), got parts of ${each}; give a multiple of ${group} as batchGpu, or a larger batch`);
  }
  return batch / each;
}
