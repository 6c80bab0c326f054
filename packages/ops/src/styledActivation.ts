import { add, reshape, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape } from '@spatialgan/core';
import { biasAct, type BiasActOptions } from './biasAct.js';
import { biasLrelu, type BiasLreluAttrs, lreluAttrs } from './biasLrelu.js';
import { type FusableOp, type OpInputs, runFusable } from './fusedOp.js';
import { STYLED_ACTIVATION, STYLED_ACTIVATION_GRAD } from './kernelNames.js';
import { scaleChannels } from './modulation.js';

/** Settings of {@link styledActivation}. */
export interface StyledActivationOptions extends Omit<BiasActOptions, 'axis'> {
  /** Factor per sample and channel (the demodulation), [N,C]. Default none. */
  readonly scale?: Tensor2D | null;
  /** Added after the scaling: anything that broadcasts to x; [N,h,w,1], [1,h,w,1] and [h,w,1] are part of the kernel. Default none. */
  readonly noise?: Tensor | null;
  /** [C]. Default none. */
  readonly bias?: Tensor1D | null;
}

/** biasLrelu, which is only an addition where the attributes say so; the result may be x. */
function biased(x: Tensor4D, b: Tensor | null | undefined, attrs: BiasLreluAttrs): Tensor4D {
  const linear = attrs.alpha === 1 && attrs.gain === 1 && attrs.clamp < 0;
  if (linear) return b ? add(x, b) : x;
  return biasLrelu(x, (b ?? null) as Tensor1D | null, attrs);
}

const op: FusableOp<BiasLreluAttrs> = {
  kernelName: STYLED_ACTIVATION,
  composite: ({ x, scale, noise, b }, attrs) => {
    const scaled = scale ? scaleChannels(x as Tensor4D, scale as Tensor2D) : x as Tensor4D;
    return biased(noise ? add(scaled, noise) : scaled, b, attrs);
  },
  gradient: { kernelName: STYLED_ACTIVATION_GRAD, reads: ['x', 'scale', 'noise', 'b'], of: ['x', 'scale', 'noise', 'b'] },
};

/** Noise as the kernels take it, [N or 1,h,w,1]; null where it is of another kind or repeated over pixels. */
export function noiseMap(noise: Tensor, N: number): Tensor4D | null {
  const [n, h, w, c] = noise.rank === 3 ? [1, ...noise.shape] : noise.shape as readonly (number | undefined)[];
  if (noise.rank > 4 || c !== 1 || (n !== 1 && n !== N) || h === 1 || w === 1) return null;
  return noise.rank === 3 ? reshape(noise, [1, h!, w!, 1]) : noise as Tensor4D;
}

/** {@link styledActivation} by the attributes of its kernel; the result may be x. */
export function styledLrelu({ x, scale, noise, b }: OpInputs, attrs: BiasLreluAttrs): Tensor4D {
  return scale || noise ? runFusable<Tensor4D, BiasLreluAttrs>(op, { x, scale, noise, b }, attrs) : biased(x as Tensor4D, b, attrs);
}

/**
 * What follows a styled convolution, clamp(act(x · scale + noise + bias) · gain), in one pass over the features.
 *
 * Differentiable: any order. The gradient at the kinks is biasAct's.
 *
 * @param x [N,h,w,C].
 * @throws SpatialGANError 'SHAPE' when scale or bias do not fit x.
 */
export function styledActivation(x: Tensor4D, { scale = null, noise = null, bias = null, ...options }: StyledActivationOptions = {}): Tensor4D {
  const [N, , , C] = x.shape;
  if (scale) assertShape('styledActivation: scale', scale.shape, [N, C], 'one factor per sample and channel of x');
  if (bias) assertShape('styledActivation: bias', bias.shape, [C], 'one entry per channel of x');
  return tidy(() => {
    const attrs = lreluAttrs(options);
    const map = noise && noiseMap(noise, N);
    if (attrs && (map || !noise) && (scale || noise)) return styledLrelu({ x, scale, noise: map, b: bias }, attrs);
    const scaled = scale ? scaleChannels(x, scale) : x;
    return biasAct(noise ? add<Tensor4D>(scaled, noise) : scaled, bias, options);
  });
}
