import type { Rng } from '@spatialgan/core';

/** Where a transform's random numbers come from; replaceable so that a recording can be replayed. */
export interface AugmentDraws {
  /** In [0, 1), `each` (default 1) for each of `count` samples, sample by sample. */
  uniform(count: number, each?: number): readonly number[];
  /** N(0, 1), `each` (default 1) for each of `count` samples, sample by sample. */
  normal(count: number, each?: number): readonly number[];
  /** Whether each of `count` samples takes the transform, with this probability. */
  gate(count: number, probability: number): readonly boolean[];
  /** A stream for the pixels of the noise image. */
  readonly noise: Rng;
}

/** Draws from a stream: for a part of a batch, what its samples get when the whole batch draws. */
export function drawsFrom(rng: Rng): AugmentDraws {
  const { index, parts } = rng.part ?? { index: 0, parts: 1 };
  const times = <T>(count: number, draw: () => T, each = 1): T[] =>
    Array.from({ length: count * parts * each }, draw).filter((_, i) => Math.floor(i / each) % parts === index);
  return {
    uniform: (count, each) => times(count, rng.uniform, each),
    normal: (count, each) => times(count, rng.normal, each),
    gate: (count, probability) => times(count, () => rng.uniform() < probability),
    noise: rng.split('noise'),
  };
}
