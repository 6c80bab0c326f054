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

/** What previews must be. */
export interface PreviewTerms {
  /** Time for one, in milliseconds. */
  readonly ms: number;
  /** How like the image it must be, in decibels. */
  readonly decibels: number;
}

/** Peak signal-to-noise ratio of a smaller image and a whole one scaled down to it, both in [-1, 1], in decibels. */
export function previewLikeness(small: ReadImage, whole: ReadImage): number {
  const [, side, , channels] = small.shape;
  const factor = whole.shape[1] / side;
  let sum = 0;
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) for (let c = 0; c < channels; c++) {
    let mean = 0;
    for (let v = 0; v < factor; v++) for (let u = 0; u < factor; u++) mean += whole.values[((y * factor + v) * side * factor + x * factor + u) * channels + c]!;
    sum += (small.values[(y * side + x) * channels + c]! - mean / factor ** 2) ** 2;
  }
  return 10 * Math.log10(4 / Math.max(sum / (side * side * channels), 1e-10));
}

/**
 * Makes and reads images, as small as they must be to be ready in time where a preview is wanted.
 *
 * The first time that a smaller side would be given, the whole image is made and given, and the two are compared: in some trained
 * generators nearly all colour comes from the last blocks, and images of lower ones are grey. Such a side is never given.
 */
export function pacedImages(synthesizer: Synthesizer, { ms, decibels }: PreviewTerms): (request: SynthesisRequest, quality: SynthesizeOptions['quality']) => Promise<ReadImage> {
  const pace = createPreviewPace(ms);
  const judged = new Map<number, boolean>();
  /** Time spent so far on what is wanted now: a final image goes on from its preview. */
  let spent = { edit: -1, ms: 0 };
  const read = async (request: SynthesisRequest, side?: number): Promise<ReadImage> => {
    const began = performance.now();
    const image = synthesizer.synthesize(request, side);
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
  return async (request, quality = 'final') => {
    if (quality === 'final') return read(request);
    const sides = synthesizer.sides().filter((side) => judged.get(side) !== false);
    const side = pace.choose(sides);
    const made = await read(request, side);
    if (side === sides.at(-1) || judged.has(side) || decibels === -Infinity) return made;
    const whole = await read(request);
    judged.set(side, previewLikeness(made, whole) >= decibels);
    return whole;
  };
}
