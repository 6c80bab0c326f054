import { tensor4d, type Tensor4D } from '@tensorflow/tfjs-core';
import { SpatialGANError, type HeatmapRenderer } from '@spatialgan/core';
import type { HeatmapLayout, LayoutLevel, Region } from '@spatialgan/schema';
import { pixelGrid, type GridConvention, type PixelGrid } from './pixelGrid.js';
import { regionPainters, type RegionPainter, type RegionPainters } from './regionPainter.js';

/** How regions become pixels. */
export interface GaussianRendererOptions {
  /** `paper` (default): middles of the pixels, no floor. `reference`: corner-aligned grid, +0.01 (reference code). */
  readonly preset?: 'paper' | 'reference';
  /** Side in pixels: `feature` (default) = the resolution that is fed (coarse, §3.2); a number = that for all (fine). */
  readonly size?: 'feature' | number;
  /** Where the samples lie. Default `center` (paper) or `corner` (reference code). */
  readonly grid?: GridConvention;
  /** Added to every value. Default 0 (paper) or 0.01 (reference code), which lifts the range to [0.01, 1.01]. */
  readonly floor?: number;
  /** Painters of further region kinds, or other painters of the known ones. */
  readonly kinds?: RegionPainters;
}

/** What {@link renderRegions} needs beside the regions. */
export interface RenderRegionsOptions {
  readonly grid: PixelGrid;
  readonly floor?: number;
  readonly kinds?: RegionPainters;
}

/** The levels of a layout that feed a feature resolution. */
const feeds = (level: LayoutLevel, resolution: number): boolean =>
  level.resolutions === 'all' || level.resolutions.includes(resolution);

const regionsFor = (layout: HeatmapLayout, resolution: number): readonly Region[] =>
  layout.levels.filter((level) => feeds(level, resolution)).flatMap((level) => level.regions);

/** Number of regions that feed each of the resolutions, ascending; resolutions that none feeds are left out. */
export function heatmapChannels(layout: HeatmapLayout, resolutions: readonly number[]): Map<number, number> {
  const ascending = [...resolutions].sort((a, b) => a - b);
  const counts = ascending.map((r) => [r, regionsFor(layout, r).length] as const);
  return new Map(counts.filter(([, count]) => count > 0));
}

/**
 * Draws a batch of lists of regions, one channel each.
 *
 * @returns [N,height,width,K]; the caller owns it.
 * @throws SpatialGANError 'LAYOUT' when the lists differ in length or a kind has no painter.
 */
export function renderRegions(
  batch: readonly (readonly Region[])[],
  { grid, floor = 0, kinds = {} }: RenderRegionsOptions,
): Tensor4D {
  const [N, K] = [batch.length, batch[0]?.length ?? 0];
  const painters: RegionPainters = { ...regionPainters, ...kinds };
  const pixels = grid.height * grid.width;
  const values = new Float32Array(N * pixels * K);
  const plane = new Float32Array(pixels);
  batch.forEach((regions, n) => {
    if (regions.length !== K) {
      throw new SpatialGANError('LAYOUT', `render: expected ${K} regions as in the batch's first layout, got ${regions.length}`);
    }
    regions.forEach((region, k) => {
      const paint = painters[region.kind] as RegionPainter<Region> | undefined;
      if (!paint) throw new SpatialGANError('LAYOUT', `render: no painter for region kind '${region.kind}'; give one in 'kinds'`);
      paint(region, grid, plane);
      const start = n * pixels * K + k;
      for (let i = 0; i < pixels; i++) values[start + i * K] = plane[i]! + floor;
    });
  });
  return tensor4d(values, [N, grid.height, grid.width, K]);
}

/**
 * Renders layouts (Eq. 1) on the JavaScript side and uploads each map once.
 *
 * Resolutions that share their regions and their size share one tensor of the pyramid. The maps are constants.
 */
export function gaussianRenderer(options: GaussianRendererOptions = {}): HeatmapRenderer {
  const reference = options.preset === 'reference';
  const { size = 'feature', grid = reference ? 'corner' : 'center', floor = reference ? 0.01 : 0, kinds = {} } = options;
  return {
    render(layouts, resolutions) {
      const first = layouts[0];
      if (!first) throw new SpatialGANError('LAYOUT', 'render: expected at least one layout, got none');
      const drawn = new Map<string, Tensor4D>();
      const pyramid = new Map<number, Tensor4D>();
      for (const resolution of heatmapChannels(first, resolutions).keys()) {
        const side = size === 'feature' ? resolution : size;
        const fed = first.levels.map((level, l) => (feeds(level, resolution) ? l : '')).join();
        const key = `${side}:${fed}`;
        const map =
          drawn.get(key) ??
          renderRegions(layouts.map((layout) => regionsFor(layout, resolution)), { grid: pixelGrid(side, side, grid), floor, kinds });
        drawn.set(key, map);
        pyramid.set(resolution, map);
      }
      return pyramid;
    },
  };
}
