import { SpatialGANError, type EncoderSite, type SpatialEncoder } from '@spatialgan/core';
import { initProjection, projectHeatmaps, type Projection, type ProjectionParams } from './projectHeatmaps.js';
import { initSelNormLayer, selNormLayer, type SelNormForm, type SelNormParams } from './selNormLayer.js';
import { allSites, paperSites, siteFilter, type SiteOptions } from './siteFilter.js';

/** Options of {@link selNorm}. */
export interface SelNormOptions extends SiteOptions, Partial<SelNormForm> {
  /** Which defaults hold. Default `paper`; `reference` is what the public code computes, at every layer and ToRGB. */
  readonly preset?: 'paper' | 'reference';
  /** Resize heatmaps before (`coarse`, §3.2) or after (`fine`, conference version) their projection. Default by preset. */
  readonly processing?: 'coarse' | 'fine';
  /** Widths of the shared convolutions before the sites. Default none (paper, coarse), else [16, 32] (reference code). */
  readonly projection?: readonly number[];
  /** Channels between a site's heatmap and its maps φ. Default 64 (reference code). */
  readonly hidden?: number;
  /** What blocks above the last level read. Default `none` (§3.2), `concat` (reference code). */
  readonly above?: 'concat' | 'none';
  /** Number of levels, where blocks above the last read them all. Default 3. */
  readonly levels?: number;
}

type Resolved = Required<SiteOptions> & SelNormForm & Projection & { readonly hidden: number };

function resolve(options: SelNormOptions): Resolved {
  const reference = options.preset === 'reference';
  const processing = options.processing ?? (reference ? 'fine' : 'coarse');
  const widths = options.projection ?? (reference || processing === 'fine' ? [16, 32] : []);
  const above = options.above ?? (reference ? 'concat' : 'none');
  if (widths.length === 0 && (processing === 'fine' || above === 'concat')) {
    const why = processing === 'fine' ? `processing 'fine'` : `above 'concat'`;
    throw new SpatialGANError('CONFIG', `selNorm: ${why} needs a projection, got []; give e.g. projection [16, 32]`);
  }
  const sites = reference ? allSites : paperSites;
  return {
    resolutions: options.resolutions ?? sites.resolutions,
    layers: options.layers ?? sites.layers,
    scale: options.scale ?? (reference ? 'onePlus' : 'literal'),
    residual: options.residual ?? (reference ? 'conv' : 'plain'),
    residualGain: options.residualGain ?? 0.1,
    epsilon: options.epsilon ?? 1e-5,
    hidden: options.hidden ?? 64,
    levels: options.levels ?? 3,
    processing, widths, above,
  };
}

/**
 * SEL_norm (Eq. 2): the heatmap rescales and shifts normalized features before a layer's convolution.
 *
 * @throws SpatialGANError 'CONFIG' when `fine` or `concat` is asked for without a projection.
 */
export function selNorm(options: SelNormOptions = {}): SpatialEncoder<SelNormParams, ProjectionParams> {
  const config = resolve(options);
  const { widths, above, levels, hidden, residual } = config;
  const isSite = siteFilter(config);
  const mapChannels = ({ heatmapChannels }: EncoderSite): number => {
    const width = widths[widths.length - 1];
    if (heatmapChannels > 0) return width ?? heatmapChannels;
    return above === 'concat' ? width! * levels : 0;
  };
  const encoder: SpatialEncoder<SelNormParams, ProjectionParams> = {
    name: 'selNorm',
    appliesTo: (site) => isSite(site) && mapChannels(site) > 0,
    init: (rng, site) => initSelNormLayer(rng, { mapChannels: mapChannels(site), channels: site.channels, hidden, residual }),
    encodeFeatures: (params, features, heatmap) => selNormLayer(params, features, heatmap, config),
  };
  if (widths.length === 0) return encoder;
  return {
    ...encoder,
    preparedChannels: mapChannels,
    initShared: (rng, setting) => initProjection(rng, setting, config),
    prepare: (shared, heatmaps, setting) => projectHeatmaps(shared, heatmaps, setting, config),
  };
}
