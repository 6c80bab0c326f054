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
  for (const region of level.regions) {
    const { evaluate } = utilOf(region.kind);
    for (let i = 0; i < heights.length; i += 1) {
      const at = { x: ((i % size) + 0.5) / size, y: (Math.floor(i / size) + 0.5) / size };
      heights[i] = Math.min(1, heights[i]! + evaluate(region, at));
    }
  }
  return heights;
}
