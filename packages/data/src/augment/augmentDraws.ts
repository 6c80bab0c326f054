import type { Rng } from '@spatialgan/core';

/** Where a transform's random numbers come from; replaceable so that a recording can be replayed. */
export interface AugmentDraws {
  /** In [0, 1), `count` of them. */
  uniform(count: number): readonly number[];
  /** N(0, 1), `count` of them. */
  normal(count: number): readonly number[];
  /** Whether each of `count` samples takes the transform, with this probability. */
  gate(count: number, probability: number): readonly boolean[];
  /** A stream for the pixels of the noise image. */
  readonly noise: Rng;
}

/** Draws from a stream. */
export function drawsFrom(rng: Rng): AugmentDraws {
  const times = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
  return {
    uniform: (count) => times(count, rng.uniform),
    normal: (count) => times(count, rng.normal),
    gate: (count, probability) => times(count, () => rng.uniform() < probability),
    noise: rng.split('noise'),
  };
}
