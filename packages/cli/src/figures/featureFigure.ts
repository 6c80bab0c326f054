import { concat, dispose, mean, reshape, type Tensor2D, type Tensor4D, tidy, tile } from '@tensorflow/tfjs-core';
import { collectTaps, createRng } from '@spatialgan/core';
import { regionsOf } from '@spatialgan/schema';
import { type Figure, type FigureContext, layoutOf } from './figureContext.js';
import { heatsOf, imagesOf, layoutMarks, levelColor } from './pictures.js';
import type { Cell, Sheet } from './sheet.js';

const count = 5;

/** Images and the mean over channels of what each block of G makes, by the block's name. */
async function meanFeatures({ model, params, seed, truncationPsi }: FigureContext, layouts: Awaited<ReturnType<typeof layoutOf>>[]): Promise<Readonly<Record<string, Tensor4D>>> {
  const { generator, renderer } = model;
  const regions = regionsOf(layouts[0]!).length;
  return tidy(() => {
    const heatmaps = renderer.render(layouts, generator.heatmapResolutions);
    const z = concat(layouts.map((_, i) => createRng(seed).split(`figure14:${i}`).normalTensor<Tensor2D>([1, generator.zDim])), 0);
    const ws = generator.map(params.G, z, { heatmaps, truncationPsi });
    const [N, L, wDim] = ws.shape;
    const regionWs = generator.regionStyles ? { regionWs: tile(reshape(ws, [N, 1, L, wDim]), [1, regions, 1, 1]) as Tensor4D } : {};
    const { tap, features } = collectTaps();
    const images = generator.synthesize(params.G, ws, { heatmaps, noiseMode: 'const', tap, ...regionWs });
    const means = Object.entries(features).map(([name, map]) => [name, mean(map, 3, true) as Tensor4D] as const);
    return { images, ...Object.fromEntries(means) } as Record<string, Tensor4D>;
  });
}

/** Figure 14: the mean feature maps of G's blocks, beside the layout that was asked for. */
export const featureFigure: Figure = async (context) => {
  const steered = context.stored.config.encoder !== null;
  const layouts = await Promise.all(Array.from({ length: count }, (_, i) => layoutOf(context, i)));
  const { images, ...maps } = await meanFeatures(context, layouts);
  try {
    const pictures = (await imagesOf(images!)).map((image, i): Cell => ({ image, ...(steered && { marks: layoutMarks(layouts[i]!) }) }));
    const columns: { label: string; cells: readonly Cell[] }[] = [{ label: 'image', cells: pictures }];
    for (const map of Object.values(maps)) columns.push({ label: `${map.shape[1]}×${map.shape[1]}`, cells: (await heatsOf(map)).map((image) => ({ image })) });
    const sheet: Sheet = {
      title: 'Mean feature maps of the generator',
      notes: ['What each block of G puts out, averaged over its channels and stretched to its own range, dark low, bright high.'],
      groups: [{ columns: columns.map(({ label }) => label) }],
      rows: Array.from({ length: count }, (_, i) => ({ label: '', cells: columns.map(({ cells }) => cells[i]!) })),
      ...(steered && { legend: layouts[0]!.levels.map((_, level) => ({ color: levelColor(level), text: `regions of level ${level}` })) }),
      source: context.source,
    };
    return [{ name: 'figure-14', sheet }];
  } finally {
    dispose([images!, ...Object.values(maps)]);
  }
};
