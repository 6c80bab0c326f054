import type { HeatmapSampler } from '@spatialgan/core';
import type { RegionPainter } from '@spatialgan/heatmap';
import type { RegionBase } from '@spatialgan/schema';

/** A rectangle with soft edges. */
export interface BoxRegion extends RegionBase {
  readonly kind: 'box';
  /** Width and height in image sides. */
  readonly size: readonly [width: number, height: number];
}

declare module '@spatialgan/schema' {
  interface RegionKinds {
    box: BoxRegion;
  }
}

const edge = (distance: number, half: number) => 1 / (1 + Math.exp((Math.abs(distance) - half) * 30));

/** Draws a box into a heatmap channel; hand it to a renderer as `kinds: { box: paintBox }`. */
export const paintBox: RegionPainter<BoxRegion> = ({ center, size, weight }, { xs, ys }, out) => {
  let i = 0;
  for (const y of ys) for (const x of xs) out[i++] = weight * edge(x - center.x, size[0] / 2) * edge(y - center.y, size[1] / 2);
};

/** Draws one box a level, anywhere inside the image. */
export function boxSampler(resolutions: readonly number[]): HeatmapSampler {
  return {
    name: 'box',
    sample: (rng) => ({
      version: 1,
      levels: resolutions.map((resolution, level) => ({
        resolutions: [resolution],
        regions: [
          {
            id: `box${level}`,
            kind: 'box',
            weight: 1,
            center: { x: 0.2 + 0.6 * rng.uniform(), y: 0.2 + 0.6 * rng.uniform() },
            size: [0.2 + 0.3 * rng.uniform(), 0.2 + 0.3 * rng.uniform()],
          },
        ],
      })),
    }),
  };
}
