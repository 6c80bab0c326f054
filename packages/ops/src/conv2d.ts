import { type Tensor4D, tidy, transpose } from '@tensorflow/tfjs-core';
import { assertShape, SpatialGANError } from '@spatialgan/core';
import { correlationInputGrad, type Size } from './convOps.js';
import { window } from './grids.js';
import type { ConvAttrs } from './kernelNames.js';
import { type ConvStyling, styledCorrelation, UNSTYLED } from './styledConv.js';

/** [top, bottom, left, right], one number for all four, or 'same' (as TensorFlow pads). */
export type ConvPadding = number | 'same' | readonly [number, number, number, number];

const samePadding = (size: number, kernel: number, stride: number): [number, number] => {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
};

const checkStride = (where: string, stride: number): void => {
  if (Number.isInteger(stride) && stride >= 1) return;
  throw new SpatialGANError('CONFIG', `${where}: stride must be a positive integer, got ${stride}`);
};

/** Settings of {@link conv2d}. */
export interface Conv2dOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Zeros around x; negative numbers crop. Default 0. */
  readonly padding?: ConvPadding;
}

/**
 * Correlates x with a filter.
 *
 * Differentiable: any order; every gradient is again a convolution (kernels CONV2D, CONV2D_INPUT_GRAD,
 * CONV2D_FILTER_GRAD), so no backend needs more than a forward convolution.
 *
 * @param x [N,H,W,I].
 * @param filter [kh,kw,I,O].
 * @returns [N,h,w,O] with h = ⌊(H + top + bottom - kh) / stride⌋ + 1.
 * @throws SpatialGANError 'SHAPE' when the channels differ or the filter does not fit.
 */
export function conv2d(x: Tensor4D, filter: Tensor4D, options: Conv2dOptions = {}): Tensor4D {
  return styledConv2d(x, filter, options, UNSTYLED);
}

/** {@link conv2d} with what is done around it in its own pass. */
export function styledConv2d(x: Tensor4D, filter: Tensor4D, { stride = 1, padding = 0 }: Conv2dOptions, styling: ConvStyling): Tensor4D {
  assertShape('conv2d: x', x.shape, [null, null, null, filter.shape[2] ?? null], 'the filter is [kh,kw,I,O]');
  assertShape('conv2d: filter', filter.shape, [null, null, null, null]);
  checkStride('conv2d', stride);
  const [, H, W] = x.shape;
  const [kh, kw] = filter.shape;
  const [t, b, l, r] = padding === 'same'
    ? [...samePadding(H, kh, stride), ...samePadding(W, kw, stride)] as const
    : typeof padding === 'number' ? [padding, padding, padding, padding] as const : padding;
  if (H + t + b < kh || W + l + r < kw) {
    throw new SpatialGANError('SHAPE', `conv2d: a ${kh}×${kw} filter does not fit into the padded input ${H + t + b}×${W + l + r}; pad more`);
  }
  const crop = (p: number): number => Math.min(p, 0);
  return tidy(() => {
    const seen = window(x, [-crop(t), -crop(l)], [H + crop(t) + crop(b), W + crop(l) + crop(r)]);
    const kept = [t, b, l, r].map((p) => Math.max(p, 0)) as unknown as ConvAttrs['padding'];
    return styledCorrelation(seen, filter, { stride, padding: kept }, styling);
  });
}

/** Settings of {@link convTranspose2d}. */
export interface ConvTranspose2dOptions {
  readonly stride: number;
  /** Rows and columns cut from the full result (as in PyTorch); negative numbers add zeros. Default 0. */
  readonly padding?: number | readonly [number, number, number, number];
}

/**
 * Spreads x by the stride (zeros between) and convolves it truly, i.e. with the flipped filter: the transpose of {@link conv2d}.
 *
 * Differentiable: any order.
 *
 * @param x [N,h,w,I].
 * @param filter [kh,kw,I,O].
 * @returns [N,H,W,O] with H = (h - 1)·stride + kh - top - bottom.
 * @throws SpatialGANError 'SHAPE' when the channels differ or nothing would be left.
 */
export function convTranspose2d(x: Tensor4D, filter: Tensor4D, { stride, padding = 0 }: ConvTranspose2dOptions): Tensor4D {
  assertShape('convTranspose2d: x', x.shape, [null, null, null, filter.shape[2] ?? null], 'the filter is [kh,kw,I,O]');
  checkStride('convTranspose2d', stride);
  const [t, b, l, r] = typeof padding === 'number' ? [padding, padding, padding, padding] as const : padding;
  const [, h, w] = x.shape;
  const [kh, kw] = filter.shape;
  const size: Size = [(h - 1) * stride + kh - t - b, (w - 1) * stride + kw - l - r];
  if (size[0] < 1 || size[1] < 1) {
    throw new SpatialGANError('SHAPE', `convTranspose2d: nothing is left of ${h}×${w} after cutting [${[t, b, l, r]}]; cut less`);
  }
  const cut = [t, b, l, r].map((p) => Math.max(p, 0)) as unknown as ConvAttrs['padding'];
  const full: Size = [(h - 1) * stride + kh - cut[0] - cut[1], (w - 1) * stride + kw - cut[2] - cut[3]];
  return tidy(() => {
    const swapped = transpose(filter, [0, 1, 3, 2]);
    const y = correlationInputGrad(x, swapped, { stride, padding: cut, size: full });
    return window(y, [Math.min(t, 0), Math.min(l, 0)], size);
  });
}
