import { dispose, type Tensor, tensor, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';
import type { BatchPart, HeatmapSampler, Rng } from '@spatialgan/core';
import type { HeatmapLayout } from '@spatialgan/schema';
import { rowsOfPart } from './batchParts.js';
import type { GeneratorInputs, Mixing } from './phases.js';
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

/** Draws, with the given probability, where a second latent takes over, and the latent; undefined where none ever does. */
function drawMixing({ generator: { numWs, zDim }, styleMixingProb }: SamplingSetup, rng: Rng, count: number): Mixing | undefined {
  if (styleMixingProb <= 0 || numWs < 2) return undefined;
  const cut = rng.uniform() < styleMixingProb ? 1 + rng.integer(numWs - 1) : numWs;
  const keep: Tensor3D = tensor(Array.from({ length: numWs }, (_, layer) => (layer < cut ? 1 : 0)), [1, numWs, 1]);
  return { z: rng.normalTensor([count, zDim]), keep };
}

/** Layouts, heatmaps and latents of `count` images from a stream; the caller owns the tensors. Labels are those of the whole batch, borrowed. */
export function drawGeneratorInputs(setup: SamplingSetup, rng: Rng, labels: Tensor2D | undefined, count: number): GeneratorInputs {
  const { generator, sampler, renderer, noiseMode } = setup;
  const layouts = drawLayouts(sampler, rng.split('layout'), count);
  const mixing = drawMixing(setup, rng.split('mixing'), count);
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
    ...(mixing && { mixing }),
    noiseMode,
  };
}

/** The tensors of a generator's inputs, by name; a tensor that serves several resolutions once. */
export function tensorsOfInputs({ z, c, regionZ, mixing, heatmaps }: GeneratorInputs): ReadonlyMap<string, Tensor> {
  const maps = new Map([...heatmaps].map(([resolution, map]) => [map, `heatmap ${resolution}`] as const));
  return new Map<string, Tensor>([
    ['z', z], ...(c ? [['c', c] as const] : []), ...(regionZ ? [['regionZ', regionZ] as const] : []),
    ...(mixing ? [['mixing z', mixing.z] as const, ['mixing keep', mixing.keep] as const] : []),
    ...[...maps].map(([map, name]) => [name, map] as const),
  ]);
}

/** Frees what {@link drawGeneratorInputs} made. */
export function disposeGeneratorInputs(inputs: GeneratorInputs): void {
  dispose([...tensorsOfInputs(inputs).values()]);
}
