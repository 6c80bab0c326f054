import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { SynthesisRequest, SynthesizeOptions } from '@spatialgan/schema';
import type { Synthesizer } from './synthesizer.js';

/** Chooses how large an image can be that is wanted in a hurry. */
export interface PreviewPace {
  /** The largest side that was ready within the budget when it was last made; one that was never timed counts as ready. */
  choose(sides: readonly number[]): number;
  /** An image of this side took so long; the first of a side is not counted, since things are compiled and recorded for it. */
  took(side: number, ms: number): void;
}

/** @param budget milliseconds. */
export function createPreviewPace(budget: number): PreviewPace {
  const times = new Map<number, number>();
  return {
    choose: (sides) => [...sides].reverse().find((side) => (times.get(side) ?? 0) <= budget) ?? sides[0]!,
    took: (side, ms) => void times.set(side, times.has(side) ? ms : 0),
  };
}

/** An image on its way to the caller, [1,side,side,C] row by row. */
export interface ReadImage {
  readonly values: Float32Array;
  readonly shape: Tensor4D['shape'];
}

/** Makes and reads images, as small as they must be to be ready in time where a preview is wanted. */
export function pacedImages(synthesizer: Synthesizer, budget: number): (request: SynthesisRequest, quality: SynthesizeOptions['quality']) => Promise<ReadImage> {
  const pace = createPreviewPace(budget);
  /** Time spent so far on what is wanted now: a final image goes on from its preview. */
  let spent = { edit: -1, ms: 0 };
  return async (request, quality = 'final') => {
    const began = performance.now();
    const image = synthesizer.synthesize(request, quality === 'preview' ? pace.choose(synthesizer.sides()) : undefined);
    const edit = synthesizer.edits();
    try {
      const values = await image.data<'float32'>();
      spent = { edit, ms: performance.now() - began + (spent.edit === edit ? spent.ms : 0) };
      pace.took(image.shape[1], spent.ms);
      return { values, shape: image.shape };
    } finally {
      image.dispose();
    }
  };
}
