import { dispose, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import type { HeatmapPyramid, Rng } from '@spatialgan/core';
import type { GeneratorInputs } from './phases.js';
import type { TrainingSetup } from './trainStep.js';

/** The parts that draw and render layouts and latents. */
export type SamplingSetup = Pick<TrainingSetup, 'generator' | 'sampler' | 'renderer' | 'styleMixingProb' | 'noiseMode'>;

/** Draws the inputs of one pass through G; tests and other loops may put their own in its place. */
export type DrawInputs = (phase: string, count: number) => GeneratorInputs;

/** Layouts, heatmaps and latents of `count` images from a stream; the caller owns the tensors. */
export function drawGeneratorInputs(setup: SamplingSetup, rng: Rng, labels: Tensor2D | undefined, count: number): GeneratorInputs {
  const { generator, sampler, renderer, styleMixingProb, noiseMode } = setup;
  const layoutRng = rng.split('layout');
  const layouts =
    sampler.sampleBatch?.(layoutRng, count) ?? Array.from({ length: count }, (_, i) => sampler.sample(layoutRng.split(`${i}`)));
  const regions = layouts[0]?.levels[0]?.regions.length ?? 0;
  return {
    z: rng.split('z').normalTensor<Tensor2D>([count, generator.zDim]),
    ...(labels ? { c: labels } : {}),
    ...(generator.regionStyles
      ? { regionZ: rng.split('regionZ').normalTensor<Tensor3D>([count, regions, generator.zDim]) }
      : {}),
    layouts,
    heatmaps: renderer.render(layouts, generator.heatmapResolutions),
    rng,
    styleMixingProb,
    noiseMode,
  };
}

/** Frees what {@link drawGeneratorInputs} made (labels are borrowed). */
export function disposeGeneratorInputs({ z, regionZ, heatmaps }: GeneratorInputs): void {
  dispose([z, ...(regionZ ? [regionZ] : []), ...new Set((heatmaps as HeatmapPyramid).values())]);
}
