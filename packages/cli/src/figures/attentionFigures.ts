import { add, dispose, mul, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, type NamedMaps, type ParamTree } from '@spatialgan/core';
import { extractAttention } from '@spatialgan/gradcam';
import { drawGenerated } from '@spatialgan/metrics';
import { extractorOf, loadParams } from '@spatialgan/model';
import type { HeatmapLayout } from '@spatialgan/schema';
import { tappedScore } from '@spatialgan/trainer';
import { checkpointsOf } from './checkpointsOf.js';
import { discriminatorOf, type Figure, type FigureContext, realImages } from './figureContext.js';
import { heatsOf, imagesOf, layoutMarks, levelColor } from './pictures.js';
import type { Cell, Sheet } from './sheet.js';

/** Images that D sees at once: it compares them (minibatch standard deviation), in groups that divide this. */
const batch = 8;
const shown = 6;

/** D's taps whose maps the paper looks at, coarse first, with the side of each map. */
function tapsOf({ model }: FigureContext): readonly (readonly [name: string, side: number])[] {
  return ['b8', 'b16', 'b32'].filter((name) => model.discriminator.taps.includes(name)).map((name) => [name, Number(name.slice(1)) / 2]);
}

function attentionOf(context: FigureContext, D: ParamTree, images: Tensor4D): NamedMaps {
  const { model } = context;
  const extractor = extractorOf({ reading: model.config.renderer.preset, targets: tapsOf(context).map(([name]) => name) });
  return extractAttention(extractor, tappedScore(model.discriminator, D), images);
}

/** Images and their attention per tap, as columns of cells. */
async function attentionColumns(context: FigureContext, D: ParamTree, images: Tensor4D, layouts?: readonly HeatmapLayout[]): Promise<readonly (readonly Cell[])[]> {
  const maps = attentionOf(context, D, images);
  try {
    const columns: Cell[][] = [(await imagesOf(images)).map((image, i) => ({ image, ...(layouts && { marks: layoutMarks(layouts[i]!, [0]) }) }))];
    for (const [name] of tapsOf(context)) columns.push((await heatsOf(maps[name]!, images)).map((image) => ({ image })));
    return columns;
  } finally {
    dispose(Object.values(maps));
  }
}

/** Figure 3: attention of D per resolution, on real and on generated images. */
export const attentionFigure: Figure = async (context) => {
  const D = discriminatorOf(context, '3');
  const { model: { generator, sampler, renderer }, params, seed, truncationPsi, stored, source } = context;
  const real = await realImages(context, batch, '3');
  const streams = Array.from({ length: batch }, (_, i) => createRng(seed).split(`figure3:${i}`));
  const drawn: { layouts: readonly HeatmapLayout[] } = { layouts: [] };
  const fake = tidy(() => {
    const { images, layouts } = drawGenerated({ generator, sampler, renderer, params: params.G, truncationPsi }, streams);
    drawn.layouts = layouts;
    return images;
  });
  try {
    const steered = stored.config.encoder !== null;
    const [left, right] = [await attentionColumns(context, D, real), await attentionColumns(context, D, fake, steered ? drawn.layouts : undefined)];
    const labels = ['image', ...tapsOf(context).map(([, side]) => `attention ${side}×${side}`)];
    const sheet: Sheet = {
      title: 'Attention of the discriminator, per resolution',
      notes: ['GradCAM of D at three of its blocks, each map stretched to its own range and laid over the image; where nothing glows, there is none.'],
      groups: [{ heading: 'real images', columns: labels }, { heading: 'generated images', columns: labels }],
      rows: Array.from({ length: shown }, (_, i) => ({ label: '', cells: [...left.map((column) => column[i]!), ...right.map((column) => column[i]!)] })),
      ...(steered && { legend: [{ color: levelColor(0), text: 'region of level 0 that the image was made with (one standard deviation)' }] }),
      source,
    };
    return [{ name: 'figure-3', sheet }];
  } finally {
    dispose([real, fake]);
  }
};

const noiseLevels = [0, 0.1, 0.2, 0.4, 0.8] as const;

/** A picture and its attention take two rows, so half as many are shown. */
async function noiseSheet(context: FigureContext, D: ParamTree, images: Tensor4D): Promise<Sheet> {
  const [tap, side] = tapsOf(context).at(-1)!;
  const noise = createRng(context.seed).split('figure13').normalTensor<Tensor4D>(images.shape);
  const columns: { image: Cell; heat: Cell }[][] = [];
  for (const level of noiseLevels) {
    const noisy = tidy(() => add(images, mul(noise, level)) as Tensor4D);
    const maps = attentionOf(context, D, noisy);
    const [pictures, heats] = [await imagesOf(noisy), await heatsOf(maps[tap]!, noisy)];
    columns.push(pictures.map((image, i) => ({ image: { image }, heat: { image: heats[i]! } })));
    dispose([noisy, ...Object.values(maps)]);
  }
  noise.dispose();
  return {
    title: 'Attention of the discriminator under noise',
    notes: [`The same Gaussian noise, stronger to the right, on real images in [-1, 1]; GradCAM at ${side}×${side}.`],
    groups: [{ columns: noiseLevels.map((level) => (level === 0 ? 'no noise' : `noise of ${level}`)) }],
    rows: Array.from({ length: shown / 2 }, (_, i) => [
      { label: `image ${i + 1}`, cells: columns.map((column) => column[i]!.image) },
      { label: 'attention', cells: columns.map((column) => column[i]!.heat) },
    ]).flat(),
    source: context.source,
  };
}

async function trainingSheet(context: FigureContext, images: Tensor4D): Promise<Sheet | null> {
  const checkpoints = context.run === undefined ? [] : await checkpointsOf(context.run);
  if (checkpoints.length === 0) return null;
  const [tap, side] = tapsOf(context).at(-1)!;
  const columns: (readonly Cell[])[] = [(await imagesOf(images)).map((image) => ({ image }))];
  for (const { load } of checkpoints) {
    const D = loadParams((rng) => context.model.discriminator.init(rng), await load(), 'D');
    const maps = attentionOf(context, D, images);
    columns.push((await heatsOf(maps[tap]!, images)).map((image) => ({ image })));
    dispose(Object.values(maps));
    disposeParams(D);
  }
  return {
    title: 'Attention of the discriminator over training',
    notes: [`GradCAM at ${side}×${side} of the checkpoints that the run has kept, on the same real images.`],
    groups: [{ columns: ['real image', ...checkpoints.map(({ kimg }) => `${Number(kimg.toPrecision(4))} kimg`)] }],
    rows: Array.from({ length: shown }, (_, i) => ({ label: '', cells: columns.map((column) => column[i]!) })),
    source: context.source,
  };
}

/** Figure 13: attention of D under noise, and over the checkpoints of a run. */
export const robustnessFigure: Figure = async (context) => {
  const D = discriminatorOf(context, '13');
  const images = await realImages(context, batch, '13');
  try {
    const training = await trainingSheet(context, images);
    return [
      { name: 'figure-13-noise', sheet: await noiseSheet(context, D, images) },
      ...(training ? [{ name: 'figure-13-training', sheet: training }] : []),
    ];
  } finally {
    images.dispose();
  }
};
