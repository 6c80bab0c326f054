import { reshape, type Tensor2D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import { type RegionStyles, SpatialGANError } from '@spatialgan/core';
import { fullyConnected } from '@spatialgan/ops';
import type { DenseParams } from './layerParams.js';

/** What a spatial encoder does at one layer, its parameters and this pass's heatmaps already bound. */
export interface LayerEncoding {
  /** F [N,h,w,C] → [N,h,w,C], before the convolution. */
  readonly features?: (features: Tensor4D) => Tensor4D;
  /** Styles of the regions and the background → style map [N,h,w,I]. */
  readonly styles?: (styles: RegionStyles, size: readonly [h: number, w: number]) => Tensor4D;
}

/** The codes that reach one layer. */
export interface LayerCodes {
  /** [N,wDim]; the background's, when regions have their own. */
  readonly w: Tensor2D;
  /** [N,K,wDim]; needed by encodings of styles. */
  readonly regionW?: Tensor3D | undefined;
}

/**
 * Styles of one layer: affine(w), [N,I], or the map that an encoding makes of the regions' styles
 * and the background's, [N,h,w,I] (Eq. 4).
 *
 * @throws SpatialGANError 'CONFIG' when the encoding needs codes of the regions and has none.
 */
export function layerStyles(
  affine: DenseParams,
  { w, regionW }: LayerCodes,
  options: { readonly encoding?: LayerEncoding | undefined; readonly size: readonly [h: number, w: number] },
): Tensor2D | Tensor4D {
  const background = fullyConnected(w, affine);
  const { encoding, size } = options;
  if (!encoding?.styles) return background;
  if (!regionW) {
    throw new SpatialGANError('CONFIG', 'synthesize: this encoder needs regionWs [N,K,L,wDim], got none');
  }
  const [N, K, wDim] = regionW.shape;
  const styles = fullyConnected(reshape(regionW, [N * K, wDim]) as Tensor2D, affine);
  const regions = reshape(styles, [N, K, background.shape[1]]) as Tensor3D;
  return encoding.styles({ regions, background }, size);
}
