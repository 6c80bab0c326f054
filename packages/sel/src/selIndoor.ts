import { add, expandDims, matMul, reshape, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { assertShape, type RegionStyles, type SpatialEncoder } from '@spatialgan/core';
import { resizeTo } from './resizeTo.js';
import { allSites, siteFilter, type SiteOptions } from './siteFilter.js';

/**
 * Spreads the styles of regions over the image: Σ S_i·H_i + S_bg (SEL_indoor, Eq. 4). Differentiable: any order.
 *
 * @param styles regions [N,K,I], background [N,I].
 * @param heatmap [N,s,t,K], resized to `size` first.
 * @returns [N,h,w,I].
 * @throws SpatialGANError 'SHAPE' when there is not one heatmap channel per region.
 */
export function styleMap({ regions, background }: RegionStyles, heatmap: Tensor4D, size: readonly [h: number, w: number]): Tensor4D {
  const [N, K, I] = regions.shape;
  const [h, w] = size;
  assertShape('selIndoor: background', background.shape, [N, I]);
  assertShape('selIndoor: heatmap', heatmap.shape, [N, null, null, K], 'one channel per region style');
  return tidy(() => {
    const spread = matMul(reshape(resizeTo(heatmap, size), [N, h * w, K]) as Tensor3D, regions);
    return reshape(add(spread, expandDims(background, 1)), [N, h, w, I]) as Tensor4D;
  });
}

/** SEL_indoor (Eq. 4, §3.4): every region has a style of its own, laid out by its heatmap. Has no parameters. */
export function selIndoor(options: SiteOptions = {}): SpatialEncoder<Record<string, never>> {
  const isSite = siteFilter({ ...allSites, ...options });
  return {
    name: 'selIndoor',
    appliesTo: (site) => isSite(site) && site.heatmapChannels > 0,
    init: () => ({}),
    encodeStyles: (_params, styles, heatmap, _site, size) => styleMap(styles, heatmap, size),
  };
}
