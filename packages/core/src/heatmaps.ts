import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { HeatmapLayout } from '@spatialgan/schema';
import type { Rng } from './rng.js';

/** Draws layouts (numbers, not tensors: the editor, the tests and a log can all read them). */
export interface HeatmapSampler {
  readonly name: string;
  sample(rng: Rng): HeatmapLayout;
  /**
   * Draws the layouts of one batch; present only where a batch is more than independent draws
   * (the reference code shares one level-0 spread in a batch).
   */
  sampleBatch?(rng: Rng, count: number): readonly HeatmapLayout[];
}

/**
 * Heatmaps by the feature resolution they feed: one channel per region, [N,s,s,K], values in [0, 1].
 * The size s is the feature resolution itself (coarse processing, §3.2) or the image's (fine).
 */
export type HeatmapPyramid = ReadonlyMap<number, Tensor4D>;

/** Turns layouts into tensors. */
export interface HeatmapRenderer {
  /** @throws SpatialGANError 'LAYOUT' when the layouts of one batch differ in their number of regions. */
  render(layouts: readonly HeatmapLayout[], resolutions: readonly number[]): HeatmapPyramid;
}
