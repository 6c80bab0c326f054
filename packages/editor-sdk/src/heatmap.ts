import type { LayoutLevel, Region } from '@spatialgan/schema';
import type { RegionUtil } from './tool.js';

/**
 * H = min(1, Σ H_i) of one level on a size×size grid, row-major, values in [0, 1].
 *
 * Samples lie at pixel centers. Plain arithmetic, cheap enough for every frame of a drag.
 */
export function sampleHeatmap(
  level: LayoutLevel, size: number, utilOf: (kind: Region['kind']) => RegionUtil,
): Float32Array {
  const heights = new Float32Array(size * size);
  // One point for all: thousands of objects in each frame of a drag would be garbage to collect during it.
  const at = { x: 0, y: 0 };
  for (const region of level.regions) {
    const { evaluate } = utilOf(region.kind);
    for (let i = 0; i < heights.length; i += 1) {
      at.x = ((i % size) + 0.5) / size;
      at.y = (Math.floor(i / size) + 0.5) / size;
      heights[i] = Math.min(1, heights[i]! + evaluate(region, at));
    }
  }
  return heights;
}
