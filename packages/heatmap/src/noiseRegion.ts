import { createRng } from '@spatialgan/core';
import type { RegionBase } from '@spatialgan/schema';
import type { PixelGrid } from './pixelGrid.js';

/**
 * A channel of seeded two-dimensional Gaussian noise in place of a region (`noise` of Table 2).
 *
 * The noise lives on a grid of its own, so that a document means the same at every size. Its center does not matter.
 */
export interface NoiseRegion extends RegionBase {
  readonly kind: 'noise';
  readonly seed: number;
  /** Side of the noise's own grid in cells. */
  readonly cells: number;
  /** Mean before the values are cut to [0, 1]. */
  readonly mean: number;
  /** Standard deviation before the values are cut to [0, 1]. */
  readonly deviation: number;
}

declare module '@spatialgan/schema' {
  interface RegionKinds {
    noise: NoiseRegion;
  }
}

/** For each position: the two neighbouring cells and how far it lies towards the second. */
function neighbours(at: Float64Array, cells: number): readonly (readonly [number, number, number])[] {
  return Array.from(at, (p) => {
    const cell = Math.min(Math.max(p * cells - 0.5, 0), cells - 1);
    const low = Math.floor(cell);
    return [low, Math.min(low + 1, cells - 1), cell - low] as const;
  });
}

/** Writes weight · clip(N(mean, deviation)) per cell, bilinear between the middles of the cells. */
export function paintNoise({ seed, cells, mean, deviation, weight }: NoiseRegion, grid: PixelGrid, out: Float32Array): void {
  const rng = createRng(seed);
  const values = Float64Array.from({ length: cells * cells }, () => {
    return weight * Math.min(1, Math.max(0, mean + deviation * rng.normal()));
  });
  const columns = neighbours(grid.xs, cells);
  let index = 0;
  for (const [top, bottom, down] of neighbours(grid.ys, cells)) {
    for (const [left, right, along] of columns) {
      const above = values[top * cells + left]! * (1 - along) + values[top * cells + right]! * along;
      const below = values[bottom * cells + left]! * (1 - along) + values[bottom * cells + right]! * along;
      out[index++] = above * (1 - down) + below * down;
    }
  }
}
