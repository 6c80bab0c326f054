import { type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, type Rng, SpatialGANError } from '@spatialgan/core';
import { type AugmentPreset, type AugmentRates, augmentRates, type AugmentStrengths, DEFAULT_STRENGTHS } from './augmentConfig.js';
import { type AugmentDraws, drawsFrom } from './augmentDraws.js';
import { drawColors, transformColors } from './color.js';
import { addNoise, cutOut } from './corruption.js';
import { drawGeometry, transformImages } from './geometry.js';
import { drawFilters, filterImages } from './imageFilter.js';

/** What one call of an {@link AugmentPipe} needs. */
export interface AugmentCall {
  /** Overall probability; each transform happens with rate · p. At least 0. */
  readonly p: number;
  /** Where the random numbers come from. */
  readonly draws: Rng | AugmentDraws;
}

/**
 * Transforms a batch at random; differentiable in the images to any order (R1 on augmented images needs the second).
 *
 * The caller owns the result; [N,H,W,C] stays [N,H,W,C].
 */
export type AugmentPipe = (images: Tensor4D, call: AugmentCall) => Tensor4D;

const isRng = (draws: Rng | AugmentDraws): draws is Rng => 'split' in draws;

/**
 * ADA's pipeline of random transforms (Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
 * appendix B): geometry, colour, frequency bands, noise and cutout, in this order.
 *
 * @param pipe A preset's name (`bgc` is StyleGAN2-ADA's default) or the rate of each transform.
 * @throws SpatialGANError 'CONFIG' on an unknown preset or transform, or a negative rate or p.
 */
export function augmentPipe(pipe: AugmentPreset | AugmentRates = 'bgc', strengths: Partial<AugmentStrengths> = {}): AugmentPipe {
  const rates = augmentRates(pipe);
  const reach = { ...DEFAULT_STRENGTHS, ...strengths };
  return (images, { p, draws: source }) => {
    if (!(p >= 0)) throw new SpatialGANError('CONFIG', `augment: expected a probability p of at least 0, got ${p}`);
    assertShape('augment: images', images.shape, [null, null, null, null], 'NHWC');
    const [N, H, W, C] = images.shape;
    const draws = isRng(source) ? drawsFrom(source) : source;
    const shared = { draws, rates, strengths: reach, p };
    return tidy(() => {
      let out = images.clone() as Tensor4D;
      const geometry = drawGeometry({ ...shared, size: [N, W, H] });
      if (geometry) out = transformImages(out, geometry);
      const colors = drawColors({ ...shared, batch: N, channels: C });
      if (colors) out = transformColors(out, colors);
      if (rates.imgfilter) out = filterImages(out, drawFilters({ ...shared, rate: rates.imgfilter, batch: N }));
      if (rates.noise) out = addNoise(out, { ...shared, rate: rates.noise });
      if (rates.cutout) out = cutOut(out, { ...shared, rate: rates.cutout });
      return out;
    });
  };
}
