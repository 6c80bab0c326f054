import { add, concat, div, exp, mul, reshape, split, square, sub, tensor4d, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type HeatmapPyramid, SpatialGANError } from '@spatialgan/core';
import { heatmapChannels, pixelGrid } from '@spatialgan/heatmap';
import type { HeatmapLayout } from '@spatialgan/schema';
import type { ModelConfig } from '../modelConfig.js';

/** Numbers of a region in an exported graph: x, y, σxx, σxy, σyy, weight; in image sides as in a layout. */
export const REGION_FIELDS = 6;

/** The regions of a layout, level by level, as numbers: [regions · 6]. @throws SpatialGANError 'LAYOUT' on a region that is no Gaussian. */
export function regionNumbers(layout: HeatmapLayout): Float32Array {
  return Float32Array.from(layout.levels.flatMap(({ regions }) => regions).flatMap((region) => {
    if (region.kind !== 'gaussian') {
      throw new SpatialGANError('LAYOUT', `exportGenerator: expected Gaussian regions, got '${String((region as { kind: unknown }).kind)}'; take heatmaps as inputs`);
    }
    return [region.center.x, region.center.y, ...region.covariance, region.weight];
  }));
}

/** Heights of Gaussians [1,k,6] on a square grid, as operations on tensors (Eq. 1): [1,side,side,k]. */
function gaussians(regions: Tensor3D, side: number, preset: ModelConfig['renderer']['preset']): Tensor4D {
  const { xs, ys } = pixelGrid(side, side, preset === 'reference' ? 'corner' : 'center');
  const [x, y, xx, xy, yy, weight] = split(regions, REGION_FIELDS, 2).map((field) => reshape(field, [1, 1, 1, regions.shape[1]])) as
    [Tensor4D, Tensor4D, Tensor4D, Tensor4D, Tensor4D, Tensor4D];
  const dx = sub(tensor4d(Float32Array.from(xs), [1, 1, side, 1]), x);
  const dy = sub(tensor4d(Float32Array.from(ys), [1, side, 1, 1]), y);
  const determinant = sub(mul(xx, yy), square(xy));
  const form = sub(add(mul(yy, square(dx)), mul(xx, square(dy))), mul(mul(2, xy), mul(dx, dy)));
  const heights = mul(weight, exp(mul(-0.5, div(form, determinant))));
  return preset === 'reference' ? add(heights, 0.01) : heights as Tensor4D;
}

/**
 * The renderer as operations on tensors, so that a graph can take regions as an input.
 *
 * @param regions [1,R,6], in the order of {@link regionNumbers}.
 * @param layout Tells which regions feed which resolution; its numbers are not used.
 */
export function regionMaps(
  regions: Tensor3D, { layout, renderer, resolutions }: { layout: HeatmapLayout; renderer: ModelConfig['renderer'] & { imgResolution: number }; resolutions: readonly number[] },
): HeatmapPyramid {
  const levels = layout.levels.map(({ regions: list }) => list.length);
  const parts = levels.length > 1 ? split(regions, levels, 1) : [regions];
  const pyramid = new Map<number, Tensor4D>();
  for (const resolution of heatmapChannels(layout, resolutions).keys()) {
    const fed = layout.levels.flatMap((level, l) =>
      level.regions.length > 0 && (level.resolutions === 'all' || level.resolutions.includes(resolution)) ? [l] : []);
    const side = renderer.size === 'image' ? renderer.imgResolution : resolution;
    pyramid.set(resolution, tidy(() => concat(fed.map((l) => gaussians(parts[l] as Tensor3D, side, renderer.preset)), 3)));
  }
  return pyramid;
}
