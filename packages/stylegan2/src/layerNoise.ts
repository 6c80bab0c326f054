import { mul, reshape, type Scalar, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { type Rng, SpatialGANError } from '@spatialgan/core';

/** 'const': one stored image for all samples; 'random': drawn per sample from `rng`; 'none': no noise. */
export type NoiseMode = 'const' | 'random' | 'none';

/** How a layer gets its noise. */
export interface NoiseOptions {
  /** Default 'random' when there is an `rng`, else 'const'. */
  readonly noiseMode?: NoiseMode | undefined;
  readonly rng?: Rng | undefined;
}

/** Parameters of a layer's noise input. */
export type NoiseParams = {
  /** Starts at 0. */
  readonly noiseStrength?: Scalar;
  /** Buffer, [r,r]. */
  readonly noiseConst?: Tensor2D;
};

/** The mode that {@link NoiseOptions} amount to. @throws SpatialGANError 'CONFIG' when 'random' lacks its `rng`. */
export function resolveNoiseMode({ noiseMode, rng }: NoiseOptions): NoiseMode {
  if (noiseMode === 'random' && !rng) {
    throw new SpatialGANError('CONFIG', "synthesize: noiseMode 'random' needs an rng, got none; pass one or use 'const'");
  }
  return noiseMode ?? (rng ? 'random' : 'const');
}

/** Noise times its strength, [1,r,r,1] or [N,r,r,1]; null when the layer has none. */
export function layerNoise(
  { noiseStrength, noiseConst }: NoiseParams,
  shape: readonly [N: number, r: number],
  options: NoiseOptions,
): Tensor4D | null {
  const mode = resolveNoiseMode(options);
  if (!noiseStrength || !noiseConst || mode === 'none') return null;
  const [N, r] = shape;
  const noise = mode === 'random' ? options.rng!.normalTensor<Tensor4D>([N, r, r, 1]) : reshape(noiseConst, [1, r, r, 1]);
  return mul<Tensor4D>(noise, noiseStrength);
}
