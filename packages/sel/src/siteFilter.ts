import type { EncoderSite } from '@spatialgan/core';

/** Which sites an encoder works at. */
export interface SiteOptions {
  /** Resolutions of the blocks. */
  readonly resolutions?: readonly number[] | 'all';
  /** Layers of those blocks. */
  readonly layers?: readonly EncoderSite['layer'][];
}

/** The predicate of the options. */
export function siteFilter({ resolutions, layers }: Required<SiteOptions>): (site: EncoderSite) => boolean {
  return ({ resolution, layer }) =>
    (resolutions === 'all' || resolutions.includes(resolution)) && layers.includes(layer);
}

/** The sites of the paper's hierarchical setting (§3.2). */
export const paperSites: Required<SiteOptions> = { resolutions: [4, 8, 16], layers: ['conv0', 'conv1'] };

/** Every layer (reference code; §3.4 for indoor scenes). */
export const allSites: Required<SiteOptions> = { resolutions: 'all', layers: ['conv0', 'conv1', 'torgb'] };
