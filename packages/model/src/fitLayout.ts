import { SpatialGANError } from '@spatialgan/core';
import type { HeatmapLayout, LayoutLevel, Region } from '@spatialgan/schema';
import { createRng } from '@spatialgan/core';
import type { BuiltModel } from './buildModel.js';

/** A region that is not there: weight 0 (Fig. 11). */
const absentRegion = (id: string): Region => ({
  id,
  kind: 'gaussian',
  center: { x: 0.5, y: 0.5 },
  covariance: [0.01, 0, 0.01],
  weight: 0,
});

function fitLevel(level: LayoutLevel, trained: LayoutLevel, index: number): LayoutLevel {
  const count = trained.regions.length;
  if (level.regions.length > count) {
    throw new SpatialGANError(
      'LAYOUT',
      `layout.levels[${index}]: expected at most ${count} regions, as the model was trained with, got ${level.regions.length}; remove some`,
    );
  }
  const missing = Array.from({ length: count - level.regions.length }, (_, i) => absentRegion(`absent${index}.${i}`));
  return { resolutions: trained.resolutions, regions: [...level.regions, ...missing] };
}

/**
 * A layout with exactly the levels and numbers of regions that a model was trained with: what was
 * removed is filled up with regions of weight 0.
 *
 * @throws SpatialGANError 'LAYOUT' when it has more levels or regions than the model knows.
 */
export function fitLayout(layout: HeatmapLayout, model: BuiltModel): HeatmapLayout {
  const trained = model.sampler.sample(createRng(0));
  if (layout.levels.length !== trained.levels.length) {
    throw new SpatialGANError(
      'LAYOUT',
      `layout: expected ${trained.levels.length} levels, as the model was trained with, got ${layout.levels.length}`,
    );
  }
  return { version: 1, levels: layout.levels.map((level, i) => fitLevel(level, trained.levels[i]!, i)) };
}
