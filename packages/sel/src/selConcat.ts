import { concat, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, type SpatialEncoder } from '@spatialgan/core';
import { convLayer } from '@spatialgan/ops';
import { type ConvParams, initConv3 } from './layerParams.js';
import { resizeTo } from './resizeTo.js';
import { paperSites, siteFilter, type SiteOptions } from './siteFilter.js';

/** The convolution of one SEL_concat site: 3×3, C + K → C, features first. */
export type SelConcatParams = { readonly conv: ConvParams };

/** [N,h,w,C], [N,s,t,K] → [N,h,w,C]: a linear 3×3 convolution over both; resizes the heatmap first. Any order. */
export function selConcatLayer({ conv }: SelConcatParams, features: Tensor4D, heatmap: Tensor4D): Tensor4D {
  const [N, h, w, C] = features.shape;
  assertShape('selConcat: heatmap', heatmap.shape, [N, null, null, conv.weight.shape[2]! - C]);
  return tidy(() => convLayer(concat([features, resizeTo(heatmap, [h, w])], 3), conv));
}

/** SEL_concat (§3.2): one convolution over features and heatmap side by side gives new features. */
export function selConcat(options: SiteOptions = {}): SpatialEncoder<SelConcatParams> {
  const isSite = siteFilter({ ...paperSites, ...options });
  return {
    name: 'selConcat',
    appliesTo: (site) => isSite(site) && site.heatmapChannels > 0,
    init(rng, { channels, heatmapChannels }) {
      return { conv: initConv3(rng, channels + heatmapChannels, channels) };
    },
    encodeFeatures: selConcatLayer,
  };
}
