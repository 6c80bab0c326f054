import { dispose, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import type { BatchPart, HeatmapPyramid, HeatmapSampler, Rng } from '@spatialgan/core';
import type { HeatmapLayout } from '@spatialgan/schema';
import { rowsOfPart } from './batchParts.js';
import type { GeneratorInputs } from './phases.js';
import type { TrainingSetup } from './trainStep.js';

/** The parts that draw and render layouts and latents. */
export type SamplingSetup = Pick<TrainingSetup, 'generator' | 'sampler' | 'renderer' | 'styleMixingProb' | 'noiseMode'>;

/** Draws the inputs of one pass through G; tests and other loops may put their own in its place. */
export type DrawInputs = (phase: string, count: number, part?: BatchPart) => GeneratorInputs;

/** Layouts of a batch, or of the part that the stream serves. */
function drawLayouts(sampler: HeatmapSampler, rng: Rng, count: number): readonly HeatmapLayout[] {
  const { index, parts } = rng.part ?? { index: 0, parts: 1 };
  const ofBatch = sampler.sampleBatch?.(rng, count * parts);
  return Array.from({ length: count }, (_, i) => index + i * parts).map((i) => ofBatch?.[i] ?? sampler.sample(rng.split(`${i}`)));
}

/** Layouts, heatmaps and latents of `count` images from a stream; the caller owns the tensors. Labels are those of the whole batch, borrowed. */
export function drawGeneratorInputs(setup: SamplingSetup, rng: Rng, labels: Tensor2D | undefined, count: number): GeneratorInputs {
  const { generator, sampler, renderer, styleMixingProb, noiseMode } = setup;
  const layouts = drawLayouts(sampler, rng.split('layout'), count);
  const regions = layouts[0]?.levels[0]?.regions.length ?? 0;
  return {
    z: rng.split('z').normalTensor<Tensor2D>([count, generator.zDim]),
    ...(labels ? { c: rng.part ? rowsOfPart(labels, rng.part) : (labels.clone() as Tensor2D) } : {}),
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

/** Frees what {@link drawGeneratorInputs} made. */
export function disposeGeneratorInputs({ z, c, regionZ, heatmaps }: GeneratorInputs): void {
  dispose([z, ...(c ? [c] : []), ...(regionZ ? [regionZ] : []), ...new Set((heatmaps as HeatmapPyramid).values())]);
}
