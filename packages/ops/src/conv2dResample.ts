import { concat, reverse, split, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { convTranspose2d, styledConv2d } from './conv2d.js';
import { scaleChannels } from './modulation.js';
import { styledLrelu } from './styledActivation.js';
import { type ConvStyling, UNSTYLED } from './styledConv.js';
import { type Fir, firPadding, type FirPadding, firSize, upfirdn2d } from './upfirdn2d.js';

/** Settings of {@link conv2dResample}. */
export interface Conv2dResampleOptions {
  /** Low-pass filter of the resampling, from setupFilter. Default null, the identity. */
  readonly f?: Fir;
  /** Default 1. */
  readonly up?: number;
  /** Default 1. */
  readonly down?: number;
  /** Relative to the upsampled image, [x0, x1, y0, y1]. Default 0. */
  readonly padding?: FirPadding;
  /** Channel groups. Default 1. */
  readonly groups?: number;
  /** true: correlate (default); false: convolve truly. */
  readonly flipWeight?: boolean;
  /** See upfirdn2d. Default false. */
  readonly flipFilter?: boolean;
}

/** [x0, x1, y0, y1]. */
type Pads = readonly [number, number, number, number];
type Size = readonly [number, number];
type Resolved = Required<Omit<Conv2dResampleOptions, 'padding'>> & { readonly padding: Pads; readonly styling: ConvStyling };

/** The padding of a resampling convolution with what its filter takes: it is centred, half of it is added on either side. */
export function grownPadding([x0, x1, y0, y1]: Pads, { fir: [fh, fw], up, down }: { readonly fir: Size; readonly up: number; readonly down: number }): Pads {
  const grow = (size: number): Size => {
    const [a0, a1] = up > 1 ? [Math.floor((size + up - 1) / 2), Math.floor((size - up) / 2)] : [0, 0];
    const [b0, b1] = down > 1 ? [Math.floor((size - down + 1) / 2), Math.floor((size - down) / 2)] : [0, 0];
    return [a0! + b0!, a1! + b1!];
  };
  const [gx, gy] = [grow(fw), grow(fh)];
  return [x0 + gx[0], x1 + gx[1], y0 + gy[0], y1 + gy[1]];
}

/**
 * How a convolution with upsampling is done cheaply: a transposed convolution of which `cut` [y, x] is cut on either side, and
 * the filter with `padding`. Both see the whole support of the other, so the padding shrinks by the kernel.
 */
export function enlargement(padding: Pads, { kernel: [kh, kw], up }: { readonly kernel: Size; readonly up: number }): { readonly cut: Size; readonly padding: Pads } {
  const [x0, x1, y0, y1] = [padding[0] - (kw - 1), padding[1] - (kw - up), padding[2] - (kh - 1), padding[3] - (kh - up)];
  const [cutY, cutX] = [Math.max(Math.min(-y0, -y1), 0), Math.max(Math.min(-x0, -x1), 0)];
  return { cut: [cutY, cutX], padding: [x0 + cutX, x1 + cutX, y0 + cutY, y1 + cutY] };
}

/**
 * A convolution with optional upsampling before and downsampling after it, each low-passed by a FIR filter.
 *
 * The order of the parts is changed where that is cheaper (§3: a transposed convolution and then the filter, or the
 * filter and then a strided convolution); the result is that of the plain order. Differentiable: any order in x and w.
 *
 * @param x [N,H,W,I].
 * @param w [kh,kw,I/groups,O].
 * @returns [N,h,w,O].
 * @throws SpatialGANError 'SHAPE' when the groups do not divide the channels.
 */
export function conv2dResample(x: Tensor4D, w: Tensor4D, options: Conv2dResampleOptions = {}): Tensor4D {
  return styledConv2dResample(x, w, options, UNSTYLED);
}

/** {@link conv2dResample} of x · styles, finished as the styling says: in the convolution's pass where it comes first or last. */
export function styledConv2dResample(x: Tensor4D, w: Tensor4D, options: Conv2dResampleOptions, styling: ConvStyling): Tensor4D {
  const { f = null, up = 1, down = 1, groups = 1, flipWeight = true, flipFilter = false } = options;
  if (x.shape[3] % groups || w.shape[3] % groups) {
    throw new SpatialGANError('SHAPE', `conv2dResample: ${groups} groups do not divide ${x.shape[3]} and ${w.shape[3]} channels`);
  }
  const padding = grownPadding(firPadding(options.padding ?? 0), { fir: firSize(f), up, down });
  return tidy(() => resample(x, w, { f, up, down, groups, flipWeight, flipFilter, padding, styling }));
}

function resample(x: Tensor4D, w: Tensor4D, options: Resolved): Tensor4D {
  const { f, up, down, flipFilter, padding, styling } = options;
  const { styles, attrs, ...after } = styling;
  const pointwise = w.shape[0] === 1 && w.shape[1] === 1;
  if (up === 1 && down === 1) return grouped(x, w, options, { padding });
  const styled = (): Tensor4D => (styles ? scaleChannels(x, styles) : x);
  const last: ConvStyling = { ...after, attrs };
  if (up === 1) {
    if (pointwise) return grouped(upfirdn2d(styled(), f, { down, padding, flipFilter }), w, options, { styling: last });
    return grouped(upfirdn2d(styled(), f, { padding, flipFilter }), w, options, { stride: down, styling: last });
  }
  if (pointwise && down === 1) {
    const y = grouped(x, w, options, { styling: { ...UNSTYLED, styles } });
    return styledLrelu({ x: upfirdn2d(y, f, { up, padding, gain: up * up, flipFilter }), ...after }, attrs);
  }
  const y = enlarged(styled(), w, options);
  return styledLrelu({ x: down > 1 ? upfirdn2d(y, f, { down, flipFilter }) : y, ...after }, attrs);
}

/** Transposed convolution, then the filter. */
function enlarged(x: Tensor4D, w: Tensor4D, options: Resolved): Tensor4D {
  const { f, up, flipFilter } = options;
  const [kh, kw] = w.shape;
  const { cut: [cutY, cutX], padding } = enlargement(options.padding, { kernel: [kh, kw], up });
  const turned: Tensor4D = kh * kw > 1 && options.flipWeight ? reverse(w, [0, 1]) : w;
  const y = perGroup(x, turned, options.groups, (xg, wg) =>
    convTranspose2d(xg, wg, { stride: up, padding: [cutY, cutY, cutX, cutX] }));
  return upfirdn2d(y, f, { padding, gain: up * up, flipFilter });
}

interface Pass {
  readonly padding?: Pads;
  readonly stride?: number;
  /** Default the whole. */
  readonly styling?: ConvStyling;
}

function grouped(x: Tensor4D, w: Tensor4D, options: Resolved, { padding = [0, 0, 0, 0], stride = 1, styling = options.styling }: Pass): Tensor4D {
  const [x0, x1, y0, y1] = padding;
  const turned: Tensor4D = w.shape[0] * w.shape[1] > 1 && !options.flipWeight ? reverse(w, [0, 1]) : w;
  const conv = (around: ConvStyling) => (xg: Tensor4D, wg: Tensor4D): Tensor4D => styledConv2d(xg, wg, { stride, padding: [y0, y1, x0, x1] }, around);
  if (options.groups === 1) return conv(styling)(x, turned);
  const { styles, attrs, ...after } = styling;
  return styledLrelu({ x: perGroup(styles ? scaleChannels(x, styles) : x, turned, options.groups, conv(UNSTYLED)), ...after }, attrs);
}

function perGroup(x: Tensor4D, w: Tensor4D, groups: number, conv: (x: Tensor4D, w: Tensor4D) => Tensor4D): Tensor4D {
  if (groups === 1) return conv(x, w);
  const xs = split<Tensor4D>(x, groups, 3);
  return concat<Tensor4D>(split<Tensor4D>(w, groups, 3).map((wg, g) => conv(xs[g]!, wg)), 3);
}
