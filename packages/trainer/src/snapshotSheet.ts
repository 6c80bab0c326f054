import { add, div, max, mean, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import {
  type AttentionExtractor, collectTaps, createRng, type DiscriminatorModel, disposeParams, type GeneratorModel,
  type HeatmapRenderer, type HeatmapSampler, type NamedMaps, type ParamTree,
} from '@spatialgan/core';
import { resizeBilinear } from '@spatialgan/ops';
import { heatOf, imageGrid, type RgbImage, rgbOf } from './imageGrid.js';
import { generate, tappedScore } from './phases.js';
import { disposeGeneratorInputs, drawGeneratorInputs } from './generatorInputs.js';

/** What a sheet of samples is made with. */
export interface SnapshotSheetOptions {
  readonly generator: GeneratorModel;
  readonly sampler: HeatmapSampler;
  readonly renderer: HeatmapRenderer;
  /** With `extractor`: D's attention on the images, one column per target. */
  readonly discriminator?: DiscriminatorModel;
  readonly extractor?: AttentionExtractor;
  /** Number of samples, one row each. Default 8. */
  readonly count?: number;
  /** Layouts and latents follow from it, so that the sheets of a run can be compared. */
  readonly seed: number;
}

type Draw = (values: Float32Array, width: number, height: number) => RgbImage;

async function cellsOf(maps: Tensor4D, draw: Draw): Promise<RgbImage[]> {
  const [N, H, W, C] = maps.shape;
  const values = await maps.data<'float32'>();
  return Array.from({ length: N }, (_, i) => draw(values.subarray(i * H * W * C, (i + 1) * H * W * C), W, H));
}

/** One map per sample, at image size, its own largest value at 1, so that weak attention is seen too. */
function displayed(map: Tensor4D, size: number): Tensor4D {
  const shown = resizeBilinear(max(map, 3, true) as Tensor4D, [size, size]);
  return div(shown, add(max(shown, [1, 2, 3], true), 1e-12));
}

function attentionOf(options: SnapshotSheetOptions, D: ParamTree, images: Tensor4D): NamedMaps {
  const { discriminator, extractor } = options;
  if (!discriminator || !extractor) return {};
  const score = tappedScore(discriminator, D);
  const weights = extractor.weigh(score, images);
  const { tap, features } = collectTaps(extractor.targets);
  mean(score(images, tap)).dispose();
  return extractor.attend(weights, features);
}

/**
 * Draws a sheet of samples: per row one image, its heatmap per level, and D's attention per target.
 * Uses constant noise and no truncation.
 */
export async function snapshotSheet(
  options: SnapshotSheetOptions,
  params: { readonly G: ParamTree; readonly D: ParamTree },
): Promise<RgbImage> {
  const { generator, sampler, renderer, count = 8, seed } = options;
  const size = generator.imgResolution;
  const setup = { generator, sampler, renderer, styleMixingProb: 0, noiseMode: 'const' as const };
  const inputs = drawGeneratorInputs(setup, createRng(seed).split('sheet'), undefined, count);
  const columns = tidy(() => {
    const { images } = generate(generator, params.G, inputs);
    const levels = [...inputs.heatmaps.values()].slice(0, inputs.layouts[0]?.levels.length ?? 0);
    const maps = [...levels, ...Object.values(attentionOf(options, params.D, images))];
    return { images, ...Object.fromEntries(maps.map((map, i) => [`map${i}`, displayed(map, size)])) } as Record<string, Tensor4D>;
  });
  disposeGeneratorInputs(inputs);
  const cells: RgbImage[][] = [];
  for (const [name, maps] of Object.entries(columns)) cells.push(await cellsOf(maps, name === 'images' ? rgbOf : heatOf));
  disposeParams(columns);
  return imageGrid(Array.from({ length: count }, (_, row) => cells.map((column) => column[row])));
}
