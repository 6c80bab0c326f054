import type { HeatmapSampler } from '@spatialgan/core';
import type { NoiseRegion } from './noiseRegion.js';

/** Options of {@link noiseSampler}. */
export interface NoiseSamplerOptions {
  /** Channels of each level. Default [1, 2, 4], as many as the hierarchical sampler's regions. */
  readonly regions?: readonly number[];
  /** Feature resolution of each level and side of its noise. Default 4, 8, 16, … */
  readonly resolutions?: readonly number[];
  /** Mean of the noise before it is cut to [0, 1]. Default ½. */
  readonly mean?: number;
  /** Standard deviation of the noise before it is cut to [0, 1]. Default ¼. */
  readonly deviation?: number;
}

/** Draws two-dimensional Gaussian noise in place of regions (`noise` of Table 2), one value per feature pixel. */
export function noiseSampler(options: NoiseSamplerOptions = {}): HeatmapSampler {
  const { regions = [1, 2, 4], mean = 0.5, deviation = 0.25 } = options;
  const resolutions = options.resolutions ?? regions.map((_, level) => 4 * 2 ** level);
  return {
    name: 'noise',
    sample(rng) {
      const levels = regions.map((count, level) => {
        const cells = resolutions[level]!;
        const noise = Array.from({ length: count }, (_, r): NoiseRegion => {
          const center = { x: 0.5, y: 0.5 };
          return { id: `l${level}r${r}`, kind: 'noise', center, weight: 1, seed: rng.integer(2 ** 31), cells, mean, deviation };
        });
        return { resolutions: [cells], regions: noise };
      });
      return { version: 1, levels };
    },
  };
}
