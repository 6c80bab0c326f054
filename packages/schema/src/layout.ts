/** Position in normalized image coordinates: origin top-left, x right, y down, both in [0, 1] inside the image. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `ws` is row-major [L, wDim]; a mix is w = (1 - amount) · w_from + amount · w_to. Every form survives structuredClone. */
export type LatentSpec =
  | { readonly kind: 'seed'; readonly seed: number }
  | { readonly kind: 'z'; readonly z: Float32Array }
  | { readonly kind: 'ws'; readonly ws: Float32Array }
  | { readonly kind: 'mix'; readonly from: LatentSpec; readonly to: LatentSpec; readonly amount: number };

/** What all kinds of region share. */
export interface RegionBase {
  readonly id: string;
  /** May lie outside the image. */
  readonly center: Point;
  /** Moving the parent moves this region by the same offset (§3.2: levels 1, 2 follow level 0). */
  readonly parentId?: string;
  /** Peak height in [0, 1]; 0 = the object is removed (Fig. 11). */
  readonly weight: number;
  /** Appearance code of this region (Eq. 4, S_i); absent = the global style. */
  readonly style?: LatentSpec;
}

/** One sub-heatmap H_i ~ N(c_i, Σ), Eq. 1. */
export interface GaussianRegion extends RegionBase {
  readonly kind: 'gaussian';
  /** [σxx, σxy, σyy] in squared image widths/heights (0.04 = standard deviation of one fifth of the side). */
  readonly covariance: readonly [xx: number, xy: number, yy: number];
}

/** Open set of region kinds: add one with `declare module '@spatialgan/schema'`. */
export interface RegionKinds {
  gaussian: GaussianRegion;
}
export type Region = RegionKinds[keyof RegionKinds];

/** Regions that feed the same feature resolutions. */
export interface LayoutLevel {
  /** Feature resolutions this level feeds, e.g. [4]; 'all' for the multi-object setting (§3.4). */
  readonly resolutions: readonly number[] | 'all';
  readonly regions: readonly Region[];
}

/** The editable document: what samplers draw, encoders read, the editor changes. Plain JSON. */
export interface HeatmapLayout {
  readonly version: 1;
  readonly levels: readonly LayoutLevel[];
}
