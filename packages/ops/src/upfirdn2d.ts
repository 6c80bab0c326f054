import { ones, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, SpatialGANError } from '@spatialgan/core';
import { type KernelOp, runKernelOp } from './fusedOp.js';
import { UPFIRDN2D } from './kernelNames.js';
import { plainUpfirdn2d, type UpfirdnAttrs, upfirdnSize } from './upfirdnPlain.js';

/** A filter made by setupFilter: 1-D is applied along both axes, null is the identity. */
export type Fir = Tensor1D | Tensor2D | null;

/** A factor for both axes, or [x, y]. */
export type FirFactor = number | readonly [number, number];

/** Zeros around the upsampled image, [left, right, top, bottom] (x first); negative numbers crop. */
export type FirPadding = number | readonly [number, number] | readonly [number, number, number, number];

/** Settings of {@link upfirdn2d}. */
export interface Upfirdn2dOptions {
  /** Upsampling factor. Default 1. */
  readonly up?: FirFactor;
  /** Downsampling factor. Default 1. */
  readonly down?: FirFactor;
  /** Default 0; [x, y] pads both sides alike. */
  readonly padding?: FirPadding;
  /** Correlate instead of convolving; tells only for asymmetric filters. Default false. */
  readonly flipFilter?: boolean;
  /** Factor of the result. Default 1. */
  readonly gain?: number;
}

/** [x0, x1, y0, y1] of any form of padding. */
export function firPadding(padding: FirPadding): [number, number, number, number] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  const [a, b] = padding;
  return padding.length === 2 ? [a, a, b, b] : [...padding] as [number, number, number, number];
}

/** [x, y] of any form of factor. @throws SpatialGANError 'CONFIG' unless positive integers. */
export function firFactor(where: string, factor: FirFactor): readonly [number, number] {
  const pair = typeof factor === 'number' ? [factor, factor] as const : factor;
  if (pair.length === 2 && pair.every((n) => Number.isInteger(n) && n >= 1)) return pair;
  throw new SpatialGANError('CONFIG', `${where}: factor must be a positive integer or a pair [x, y], got ${JSON.stringify(factor)}`);
}

/** [fh, fw] of a filter. */
export const firSize = (f: Fir): readonly [number, number] =>
  (!f ? [1, 1] : f.rank === 1 ? [f.size, f.size] : [f.shape[0], f.shape[1]!]);

const op: KernelOp<UpfirdnAttrs> = {
  kernelName: UPFIRDN2D,
  forward: plainUpfirdn2d,
  gradient: {
    inputsToSave: ['f'],
    gradFunc: (dy, saved, raw) => ({
      x: () => runKernelOp(op, { x: dy as Tensor, f: saved[0]! }, transposed(raw as unknown as UpfirdnAttrs, saved[0]!, dy as Tensor)),
      f: () => {
        throw new SpatialGANError('NOT_DIFFERENTIABLE', 'upfirdn2d: the filter is a constant; it has no gradient, use conv2d to learn one');
      },
    }),
  },
};

/** The attributes of the transposed operation: up and down change places, and the filter is turned round. */
function transposed(attrs: UpfirdnAttrs, f: Tensor, dy: Tensor): UpfirdnAttrs {
  const [fh, fw] = firSize(f as Tensor1D | Tensor2D);
  const { up, down, padding: [t, , l], size } = attrs;
  const [h, w] = [dy.shape[1]!, dy.shape[2]!];
  return {
    up: down,
    down: up,
    padding: [
      fh - 1 - t, size[0] * up[0] - h * down[0] + t - up[0] + 1,
      fw - 1 - l, size[1] * up[1] - w * down[1] + l - up[1] + 1,
    ],
    correlate: !attrs.correlate,
    gain: attrs.gain,
    size: [h, w],
  };
}

/**
 * Upsamples with zeros, pads, filters with a FIR filter and keeps every down-th entry.
 *
 * Differentiable with respect to x: any order, the gradient being the same op with up and down exchanged. Asking for
 * the filter's gradient throws.
 *
 * @param x [N,H,W,C].
 * @param f from setupFilter.
 * @returns [N,h,w,C] with h = ⌊(H·up + y0 + y1 - fh) / down⌋ + 1.
 * @throws SpatialGANError 'SHAPE' when the filter does not fit, 'CONFIG' for factors below one.
 */
export function upfirdn2d(x: Tensor4D, f: Fir, options: Upfirdn2dOptions = {}): Tensor4D {
  assertShape('upfirdn2d: x', x.shape, [null, null, null, null]);
  const [upX, upY] = firFactor('upfirdn2d: up', options.up ?? 1);
  const [downX, downY] = firFactor('upfirdn2d: down', options.down ?? 1);
  const [x0, x1, y0, y1] = firPadding(options.padding ?? 0);
  const attrs: UpfirdnAttrs = {
    up: [upY, upX], down: [downY, downX], padding: [y0, y1, x0, x1],
    correlate: options.flipFilter ?? false, gain: options.gain ?? 1, size: [x.shape[1], x.shape[2]],
  };
  const [h, w] = upfirdnSize(attrs, firSize(f));
  if (h < 1 || w < 1) {
    throw new SpatialGANError('SHAPE', `upfirdn2d: a ${firSize(f).join('×')} filter does not fit into x [${x.shape}] with padding [${[x0, x1, y0, y1]}]; pad more`);
  }
  return tidy(() => runKernelOp<Tensor4D, UpfirdnAttrs>(op, { x, f: f ?? ones([1, 1]) }, attrs));
}
