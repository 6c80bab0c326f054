import { concat, mul, reshape, slice, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, SpatialGANError } from '@spatialgan/core';
import type { BiasActOptions } from './biasAct.js';
import { type BiasLreluAttrs, lreluAttrs } from './biasLrelu.js';
import { conv2dResample, styledConv2dResample } from './conv2dResample.js';
import { type FusableOp, type OpInputs, runFusable } from './fusedOp.js';
import { MODULATED_CONV2D } from './kernelNames.js';
import { demodulation } from './modulation.js';
import { spatialMean } from './reduce.js';
import { noiseMap, styledActivation, styledLrelu } from './styledActivation.js';
import { type Fir, firPadding, type FirPadding } from './upfirdn2d.js';

/** Settings of {@link modulatedConv2d}. */
export interface ModulatedConv2dOptions extends Omit<BiasActOptions, 'axis'> {
  /** Added after the demodulation: anything that broadcasts to the result, e.g. [h,w,1] or [N,h,w,1]. */
  readonly noise?: Tensor | null;
  /** Default 1. */
  readonly up?: number;
  /** Default 1. */
  readonly down?: number;
  /** Relative to the upsampled image, [x0, x1, y0, y1]. Default 0. */
  readonly padding?: FirPadding;
  /** From setupFilter. Default null, the identity. */
  readonly resampleFilter?: Fir;
  /** Give every output channel unit variance. Default true. */
  readonly demodulate?: boolean;
  /** true: correlate (default); false: convolve truly. */
  readonly flipWeight?: boolean;
  /**
   * 'activations' (default) scales the features around one shared convolution; 'weights' makes a filter per sample.
   * They agree to float rounding. With spatial styles, which no filter can express, 'weights' uses their spatial mean.
   */
  readonly form?: 'activations' | 'weights';
  /** Added after the noise, [O]. Default none. */
  readonly bias?: Tensor1D | null;
}

/** What a MODULATED_CONV2D kernel gets. */
export interface ModulatedConvAttrs extends BiasLreluAttrs {
  readonly up: number;
  readonly down: number;
  /** [x0, x1, y0, y1]. */
  readonly padding: readonly [number, number, number, number];
  readonly demodulate: boolean;
  readonly flipWeight: boolean;
}

const meanStyles = (styles: Tensor): Tensor2D => (styles.rank === 4 ? reshape(spatialMean(styles as Tensor4D), [styles.shape[0]!, styles.shape[3]!]) : styles) as Tensor2D;

const convOptions = (attrs: ModulatedConvAttrs, f: Tensor | null | undefined) =>
  ({ f: (f ?? null) as Fir, up: attrs.up, down: attrs.down, padding: attrs.padding, flipWeight: attrs.flipWeight });

function activationsForm(inputs: OpInputs, attrs: ModulatedConvAttrs): Tensor4D {
  const { x, weight, styles, noise, b, f } = inputs;
  const spatial = styles!.rank === 4;
  const { alpha, gain, clamp } = attrs;
  return styledConv2dResample(spatial ? mul(x!, styles!) : x as Tensor4D, weight as Tensor4D, convOptions(attrs, f), {
    styles: spatial ? null : styles as Tensor2D,
    scale: attrs.demodulate ? demodulation(weight as Tensor4D, meanStyles(styles!)) : null,
    noise, b: (b ?? null) as Tensor1D | null, attrs: { alpha, gain, clamp },
  });
}

function weightsForm(inputs: OpInputs, attrs: ModulatedConvAttrs): Tensor4D {
  const { x, weight, styles, f } = inputs;
  const [N, H, W, I] = x!.shape as [number, number, number, number];
  const O = weight!.shape[3]!;
  const s = meanStyles(styles!);
  const d = attrs.demodulate ? demodulation(weight as Tensor4D, s) : null;
  const samples = Array.from({ length: N }, (_, n) => {
    const scaled = mul(weight!, reshape(slice(s, [n, 0], [1, I]), [1, 1, I, 1]));
    const w = d ? mul(scaled, reshape(slice(d, [n, 0], [1, O]), [1, 1, 1, O])) : scaled;
    return conv2dResample(slice(x as Tensor4D, [n, 0, 0, 0], [1, H, W, I]), w as Tensor4D, convOptions(attrs, f));
  });
  return styledLrelu({ x: concat(samples, 0), noise: inputs['noise'], b: inputs['b'] }, attrs);
}

const op: FusableOp<ModulatedConvAttrs> = { kernelName: MODULATED_CONV2D, composite: activationsForm, inference: true };
/** Whether a call is one of those that a kernel need know. */
const covered = ({ up, down, padding }: ModulatedConvAttrs, f: Fir): boolean => down === 1 && padding.every((pad) => pad >= 0) && (up === 1 || f !== null);
const oracle: FusableOp<ModulatedConvAttrs> = { kernelName: 'SpatialganModulatedConv2dWeights', composite: weightsForm };

/**
 * A convolution whose filter is scaled per sample by styles and normalized (§3 of StyleGAN2's design), and the noise, bias and
 * activation that follow it.
 *
 * Styles of shape [N,h,w,I] (SEL_indoor, Eq. 4) multiply the features before the convolution; the demodulation then
 * uses their spatial mean, as the reference code does. Differentiable: any order.
 *
 * @param x [N,h,w,I].
 * @param weight [kh,kw,I,O].
 * @param styles [N,I] or [N,h,w,I].
 * @throws SpatialGANError 'SHAPE' when styles or weight do not fit x, or the bias the weight.
 */
export function modulatedConv2d(x: Tensor4D, weight: Tensor4D, styles: Tensor2D | Tensor4D, options: ModulatedConv2dOptions = {}): Tensor4D {
  const [N, h, w, I] = x.shape;
  assertShape('modulatedConv2d: weight', weight.shape, [null, null, I, null], 'the filter is [kh,kw,I,O] with I channels of x');
  if (styles.rank === 4) assertShape('modulatedConv2d: styles', styles.shape, [N, h, w, I], 'spatial styles have the features\' size');
  else assertShape('modulatedConv2d: styles', styles.shape, [N, I], 'one style per sample and input channel');
  const {
    up = 1, down = 1, padding = 0, resampleFilter: f = null, demodulate = true, flipWeight = true, form = 'activations', noise = null, bias = null,
    ...activation
  } = options;
  if (form !== 'activations' && form !== 'weights') {
    throw new SpatialGANError('CONFIG', `modulatedConv2d: form must be 'activations' or 'weights', got ${String(form)}`);
  }
  if (bias) assertShape('modulatedConv2d: bias', bias.shape, [weight.shape[3]], 'one entry per output channel');
  const kinked = lreluAttrs(activation);
  const map = noise && noiseMap(noise, N);
  const within = kinked && (map || !noise); // else the kernel ends with the demodulation
  const attrs: ModulatedConvAttrs = {
    up, down, padding: firPadding(padding), demodulate, flipWeight, ...(within ? kinked : { alpha: 1, gain: 1, clamp: -1 }),
  };
  const inputs = { x, weight, styles, f, ...(within && { noise: map, b: bias }) };
  return tidy(() => {
    const y = form === 'activations' && !covered(attrs, f) ? activationsForm(inputs, attrs)
      : runFusable<Tensor4D, ModulatedConvAttrs>(form === 'weights' ? oracle : op, inputs, attrs);
    return within ? y : styledActivation(y, { noise, bias, ...activation });
  });
}
