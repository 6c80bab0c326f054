import { add, div, max, mean, type Tensor2D, tensor2d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import {
  type AttentionExtractor, collectTaps, createRng, type DiscriminatorModel, disposeParams, type GeneratorModel,
  type HeatmapRenderer, type HeatmapSampler, type NamedMaps, type ParamTree, SpatialGANError,
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
  /** Labels of the rows, [cDim] each and repeated in turn; needed by conditional networks. */
  readonly labels?: readonly ArrayLike<number>[];
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

function attentionOf(options: SnapshotSheetOptions, D: ParamTree, { images, c }: { images: Tensor4D; c: Tensor2D | undefined }): NamedMaps {
  const { discriminator, extractor } = options;
  if (!discriminator || !extractor) return {};
  const score = tappedScore(discriminator, D, c);
  const weights = extractor.weigh(score, images);
  const { tap, features } = collectTaps(extractor.targets);
  mean(score(images, tap)).dispose();
  return extractor.attend(weights, features);
}

function labelsOf({ labels, generator: { cDim } }: SnapshotSheetOptions, count: number): Tensor2D | undefined {
  if (cDim === 0) return undefined;
  if (!labels || labels.length === 0) throw new SpatialGANError('CONFIG', `snapshotSheet: expected labels of ${cDim} numbers for conditional networks, got none`);
  return tensor2d(Array.from({ length: count }, (_, i) => Array.from(labels[i % labels.length]!)), [count, cDim]);
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
  const c = labelsOf(options, count);
  const inputs = drawGeneratorInputs(setup, createRng(seed).split('sheet'), c, count);
  const columns = tidy(() => {
    const { images } = generate(generator, params.G, inputs);
    const levels = [...inputs.heatmaps.values()].slice(0, inputs.layouts[0]?.levels.length ?? 0);
    const maps = [...levels, ...Object.values(attentionOf(options, params.D, { images, c }))];
    return { images, ...Object.fromEntries(maps.map((map, i) => [`map${i}`, displayed(map, size)])) } as Record<string, Tensor4D>;
  });
  disposeGeneratorInputs(inputs);
  c?.dispose();
  const cells: RgbImage[][] = [];
  for (const [name, maps] of Object.entries(columns)) cells.push(await cellsOf(maps, name === 'images' ? rgbOf : heatOf));
  disposeParams(columns);
  return imageGrid(Array.from({ length: count }, (_, row) => cells.map((column) => column[row])));
}
