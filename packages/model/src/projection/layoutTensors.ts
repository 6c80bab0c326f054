import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { HeatmapPyramid } from '@spatialgan/core';
import { type GaussianTensors, gaussianRegions, gaussianTensors, pixelGrid, renderGaussianTensors } from '@spatialgan/heatmap';
import { type GaussianRegion, type HeatmapLayout, regionsOf } from '@spatialgan/schema';
import type { BuiltModel } from '../buildModel.js';

/** Numbers of a {@link GaussianTensors}, read back. */
export type GaussianValues = Readonly<Record<keyof GaussianTensors, ArrayLike<number>>>;

/** The tensors of a layout, by `level0`, `level1` …: a parameter tree. */
export type LayoutTensors = Readonly<Record<string, GaussianTensors>>;

/** Whether every region is one whose center and covariance can be optimized. */
export const isGaussian = (layout: HeatmapLayout): boolean => regionsOf(layout).every(({ kind }) => kind === 'gaussian');

const regionsAt = (layout: HeatmapLayout, l: number): readonly GaussianRegion[] => layout.levels[l]!.regions as readonly GaussianRegion[];

/** The tensors of a layout of Gaussians, the caller's. */
export const layoutTensors = (layout: HeatmapLayout): LayoutTensors =>
  Object.fromEntries(layout.levels.map((_, l) => [`level${l}`, gaussianTensors(regionsAt(layout, l))]));

/** The layout of values that were read back. */
export const layoutOf = (values: readonly GaussianValues[], like: HeatmapLayout): HeatmapLayout => ({
  version: 1,
  levels: like.levels.map((level, l) => ({ ...level, regions: gaussianRegions(values[l]!, regionsAt(like, l)) })),
});

/** Heatmaps as the model's own renderer draws them, with a gradient to the layout's tensors. */
export function renderLayoutTensors(tensors: LayoutTensors, like: HeatmapLayout, { config, generator }: BuiltModel): HeatmapPyramid {
  const reference = config.renderer.preset === 'reference';
  const pyramid = new Map<number, Tensor4D>();
  const drawn = new Map<string, Tensor4D>();
  for (const resolution of generator.heatmapResolutions) {
    const l = like.levels.findIndex(({ resolutions }) => resolutions === 'all' || resolutions.includes(resolution));
    if (l < 0) continue;
    const side = config.renderer.size === 'image' ? generator.imgResolution : resolution;
    const key = `${l}:${side}`;
    const map = drawn.get(key) ?? renderGaussianTensors(tensors[`level${l}`]!, {
      grid: pixelGrid(side, side, reference ? 'corner' : 'center'), weights: regionsAt(like, l).map(({ weight }) => weight), floor: reference ? 0.01 : 0,
    });
    drawn.set(key, map);
    pyramid.set(resolution, map);
  }
  return pyramid;
}
