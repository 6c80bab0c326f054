import { SpatialGANError, type HeatmapSampler } from '@spatialgan/core';
import { isotropicCovariance, type GaussianRegion } from '@spatialgan/schema';
import { drawCenter } from './drawCenter.js';

/** Options of {@link multiObjectSampler}; lengths are in image sides. */
export interface MultiObjectSamplerOptions {
  /** Number of objects, n. Default 3 (§4.1). */
  readonly regions?: number;
  /** Range of the standard deviation σ of a region, drawn uniformly. Default [0.1, 0.25] (ours: the paper gives none). */
  readonly sigmaRange?: readonly [min: number, max: number];
  /** Standard deviation of the centers around the middle. Default ½ (§4.1). */
  readonly deviation?: number;
  /** Rule for centers outside the image. Default `resample`; the paper is silent. */
  readonly outside?: 'resample' | 'keep';
  /** Gives every region a latent of its own (Eq. 4, S_i) as a drawn seed. Default false. */
  readonly styles?: boolean;
}

/**
 * Draws n regions of equal standing that feed all layers (indoor scenes, §3.4).
 *
 * @throws SpatialGANError 'CONFIG' on an impossible number or range.
 */
export function multiObjectSampler(options: MultiObjectSamplerOptions = {}): HeatmapSampler {
  const { regions = 3, sigmaRange: [min, max] = [0.1, 0.25], deviation = 0.5, outside = 'resample', styles = false } = options;
  if (!Number.isInteger(regions) || regions < 1) {
    throw new SpatialGANError('CONFIG', `multiObjectSampler: expected a positive number of regions, got ${regions}`);
  }
  if (!(min > 0 && max >= min)) {
    throw new SpatialGANError('CONFIG', `multiObjectSampler: expected 0 < min ≤ max in sigmaRange, got [${min}, ${max}]`);
  }
  return {
    name: 'multiObject',
    sample(rng) {
      const centers = Array.from({ length: regions }, () => drawCenter(rng, { deviation, outside, clampTo: 0.5 }));
      const drawn = centers.map((center, r): GaussianRegion => {
        const covariance = isotropicCovariance(min + (max - min) * rng.uniform());
        const region = { id: `l0r${r}`, kind: 'gaussian', center, covariance, weight: 1 } as const;
        return styles ? { ...region, style: { kind: 'seed', seed: rng.integer(2 ** 31) } } : region;
      });
      return { version: 1, levels: [{ resolutions: 'all', regions: drawn }] };
    },
  };
}
