/**
 * How images are brought to an extractor's size.
 *
 * `box`, `bilinear`, `bicubic`, `lanczos` are Pillow's, antialiased; `tf-bilinear` is TensorFlow 1's, which neither
 * antialiases nor rounds, and which the original FID network applies; `none` leaves images as they are.
 */
export type ResizeFilter = 'box' | 'bilinear' | 'bicubic' | 'lanczos' | 'tf-bilinear' | 'none';

/** A kernel of Pillow's and the distance beyond which it is 0. */
export interface Kernel {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

function cubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Pillow's kernels by name. */
export const kernels: Readonly<Record<Exclude<ResizeFilter, 'tf-bilinear' | 'none'>, Kernel>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};
