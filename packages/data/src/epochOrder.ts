import { createRng } from '@spatialgan/core';

/** The order in which one epoch visits the images, and which of them it mirrors. */
export interface EpochOrder {
  /** A permutation of 0 … length-1. */
  readonly indices: Uint32Array;
  /** 1 at the positions whose image is flipped left-right. */
  readonly mirrored: Uint8Array;
}

/** The order of epoch `epoch`, a function of its arguments only (Fisher–Yates). */
export function epochOrder(length: number, options: { readonly seed: number; readonly epoch: number }): EpochOrder {
  const rng = createRng(options.seed).split('batches').split(`epoch:${options.epoch}`);
  const indices = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    const kept = indices[i]!;
    indices[i] = indices[j]!;
    indices[j] = kept;
  }
  const flips = rng.split('mirror');
  return { indices, mirrored: Uint8Array.from({ length }, () => (flips.uniform() < 0.5 ? 1 : 0)) };
}
