import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';
import { addressOf, limitOf, type Styled } from './styledActivation.js';

/** What a convolution does besides its sums: styles [N,I] on what it reads, a styledActivation of what it writes. */
export interface ConvStyling extends Omit<Styled, 'x'> {
  readonly styles?: TensorInfo | undefined;
  readonly attrs: BiasLreluAttrs;
}

/** Bytes of the words that {@link placeStyling} writes. */
export const STYLING_BYTES = 32;

/** The two arguments of a kernel (assembly/convStyling.ts): styles and epilogue, whose words go to `words`; `pixels` of an output. */
export function placeStyling(heap: WasmHeap, styling: ConvStyling | undefined, words: number, pixels: number): readonly [styles: number, epilogue: number] {
  if (!styling) return [0, 0];
  const { styles, scale, noise, b, attrs: { alpha, gain, clamp } } = styling;
  const block = new Int32Array(7);
  block.set([addressOf(heap, scale), addressOf(heap, noise), noise && noise.shape[0] !== 1 ? pixels : 0, addressOf(heap, b)]);
  new Float32Array(block.buffer).set([alpha, gain, limitOf(clamp)], 4);
  heap.write(words, block);
  return [addressOf(heap, styles), words];
}
