import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { HeatmapPyramid } from './heatmaps.js';
import type { ParamTree } from './paramTree.js';
import type { Rng } from './rng.js';

/** A place in a generator where heatmaps may enter. */
export interface EncoderSite {
  /** Where its parameters live, e.g. 'b16.conv1'. */
  readonly path: string;
  /** Resolution of the block. A conv0 reads features of half that size. */
  readonly resolution: number;
  readonly layer: 'conv0' | 'conv1' | 'torgb';
  /** C of the features, I of the styles. */
  readonly channels: number;
  /** K of the heatmap that feeds this resolution, before `prepare`; 0 where none does. */
  readonly heatmapChannels: number;
}

/** What is the same for all sites of one generator. */
export interface EncoderSetting {
  readonly imgResolution: number;
  readonly zDim: number;
  /** K per feature resolution that is fed, ascending. */
  readonly heatmapChannels: ReadonlyMap<number, number>;
}

/** Affine styles of the regions, [N,K,I], and of the background, [N,I] (Eq. 4: S_i, S_bg). */
export interface RegionStyles {
  readonly regions: Tensor3D;
  readonly background: Tensor2D;
}

/**
 * Feeds heatmaps into a generator. Implement the hook(s) you need: `encodeFeatures` runs before a
 * layer's convolution (SEL_concat, SEL_norm), `encodeStyles` replaces its styles by a spatial map
 * (SEL_indoor), `encodeLatent` changes the latent code (flatten, Table 3), `prepare` processes the
 * heatmaps once per synthesis. Pure: same arguments, same result; arguments are not disposed.
 */
export interface SpatialEncoder<P extends ParamTree = ParamTree, S extends ParamTree = ParamTree> {
  readonly name: string;
  appliesTo(site: EncoderSite): boolean;
  init(rng: Rng, site: EncoderSite): P;
  /** Parameters that all sites share; needed by `prepare` and `encodeLatent`. */
  initShared?(rng: Rng, setting: EncoderSetting): S;
  /** Raw pyramid → what `encodeFeatures` and `encodeStyles` are given, by block resolution. */
  prepare?(shared: S, heatmaps: HeatmapPyramid, setting: EncoderSetting): HeatmapPyramid;
  /** K of what `prepare` returns at a site; lets encoders be composed. Absent = the site's heatmapChannels. */
  preparedChannels?(site: EncoderSite): number;
  /** z [N,zDim], raw pyramid → z' [N,zDim], before the mapping network. */
  encodeLatent?(shared: S, z: Tensor2D, heatmaps: HeatmapPyramid, setting: EncoderSetting): Tensor2D;
  /** F [N,h,w,C], H [N,s,s,K] → [N,h,w,C]. */
  encodeFeatures?(params: P, features: Tensor4D, heatmap: Tensor4D, site: EncoderSite): Tensor4D;
  /** S, H [N,s,s,K], the features' size → [N,h,w,I]. */
  encodeStyles?(
    params: P,
    styles: RegionStyles,
    heatmap: Tensor4D,
    site: EncoderSite,
    size: readonly [h: number, w: number],
  ): Tensor4D;
}
