import type { Tensor4D } from '@tensorflow/tfjs-core';
import { type Fir, firFactor, type FirFactor, firPadding, type FirPadding, firSize, upfirdn2d } from './upfirdn2d.js';

/** Settings that filter2d, upsample2d and downsample2d share. */
export interface Resample2dOptions {
  /** Added to the padding that keeps the image in place, [x0, x1, y0, y1]. Default 0. */
  readonly padding?: FirPadding;
  /** See upfirdn2d. Default false. */
  readonly flipFilter?: boolean;
  /** Factor of the result. Default 1. */
  readonly gain?: number;
}

const around = ([x0, x1, y0, y1]: readonly [number, number, number, number], f: Fir, place: (fir: number, axis: 0 | 1) => [number, number]) => {
  const [fh, fw] = firSize(f);
  const [a, b] = place(fw, 0);
  const [c, d] = place(fh, 1);
  return [x0 + a, x1 + b, y0 + c, y1 + d] as const;
};

/** Filters an image, keeping its size. Differentiable: any order. @param x [N,h,w,C]. */
export function filter2d(x: Tensor4D, f: Fir, options: Resample2dOptions = {}): Tensor4D {
  const padding = around(firPadding(options.padding ?? 0), f, (n) => [Math.floor(n / 2), Math.floor((n - 1) / 2)]);
  return upfirdn2d(x, f, { ...options, padding });
}

/** Enlarges an image `up` times (default 2), keeping its brightness. Differentiable: any order. @param x [N,h,w,C]. */
export function upsample2d(x: Tensor4D, f: Fir, options: Resample2dOptions & { readonly up?: FirFactor } = {}): Tensor4D {
  const up = firFactor('upsample2d: up', options.up ?? 2);
  const padding = around(firPadding(options.padding ?? 0), f, (n, axis) =>
    [Math.floor((n + up[axis] - 1) / 2), Math.floor((n - up[axis]) / 2)]);
  return upfirdn2d(x, f, { ...options, up, padding, gain: (options.gain ?? 1) * up[0] * up[1] });
}

/** Shrinks an image `down` times (default 2). Differentiable: any order. @param x [N,h,w,C]. */
export function downsample2d(x: Tensor4D, f: Fir, options: Resample2dOptions & { readonly down?: FirFactor } = {}): Tensor4D {
  const down = firFactor('downsample2d: down', options.down ?? 2);
  const padding = around(firPadding(options.padding ?? 0), f, (n, axis) =>
    [Math.floor((n - down[axis] + 1) / 2), Math.floor((n - down[axis]) / 2)]);
  return upfirdn2d(x, f, { ...options, down, padding });
}
