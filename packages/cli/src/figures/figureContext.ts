import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import { createRng, type ParamTree, SpatialGANError } from '@spatialgan/core';
import type { ImageDataset } from '@spatialgan/data';
import { chooseIndices, fromUint8 } from '@spatialgan/metrics';
import type { BuiltModel, StoredModel } from '@spatialgan/model';
import type { HeatmapLayout, LatentSpec, ModelRuntime } from '@spatialgan/schema';
import type { RgbImage } from '@spatialgan/trainer';
import { pictureOf } from './pictures.js';
import type { Sheet } from './sheet.js';

/** What a figure is made from; everything is lent. */
export interface FigureContext {
  readonly stored: StoredModel;
  readonly model: BuiltModel;
  readonly params: { readonly G: ParamTree; readonly D?: ParamTree };
  readonly runtime: ModelRuntime;
  /** Real images at the model's resolution. */
  readonly dataset?: ImageDataset;
  /** A run's folder, for what happened over its training. */
  readonly run?: string;
  readonly seed: number;
  readonly truncationPsi: number;
  /** Small print of every sheet. */
  readonly source: string;
}

/** A sheet and the name of its file, without an ending. */
export interface NamedSheet {
  readonly name: string;
  readonly sheet: Sheet;
}

/** Makes the sheets of one figure. @throws SpatialGANError 'CONFIG' when the model lacks what it shows. */
export type Figure = (context: FigureContext) => Promise<readonly NamedSheet[]>;

/** The discriminator's parameters. */
export function discriminatorOf({ params }: FigureContext, figure: string): ParamTree {
  if (params.D) return params.D;
  throw new SpatialGANError('CONFIG', `figure ${figure}: expected a model with its discriminator, this file leaves it out; give a run, or export without --no-discriminator`);
}

/** Real images `count` of the data set, [N,H,W,3] in [-1, 1]; the caller disposes them. */
export async function realImages({ dataset, seed, model }: FigureContext, count: number, figure: string): Promise<Tensor4D> {
  if (!dataset) throw new SpatialGANError('CONFIG', `figure ${figure}: expected --data, the images the model was trained on; a model file does not say where they are`);
  const images = await Promise.all(chooseIndices(dataset.length, count, seed).map((i) => dataset.image(i)));
  const { imgResolution: side } = model.generator;
  return tensor4d(Float32Array.from(images.flatMap((pixels) => [...fromUint8(pixels)])), [images.length, side, side, 3]);
}

/** Refuses a model that no layout steers. */
export function assertSteered({ stored }: FigureContext, figure: string): void {
  if (!stored.config.encoder) throw new SpatialGANError('CONFIG', `figure ${figure}: expected a model that a layout steers, this one (${stored.config.name}) has no encoder`);
}

/** Draws one image of a layout. */
export async function draw({ runtime, truncationPsi }: FigureContext, layout: HeatmapLayout, latent: LatentSpec): Promise<RgbImage> {
  return pictureOf(await runtime.synthesize({ latent, layout, truncationPsi }));
}

/** The latent of row or column `index` of a figure. */
export const latentOf = ({ seed }: FigureContext, index: number): LatentSpec => ({ kind: 'seed', seed: createRng(seed).split(`figure:${index}`).integer(2 ** 31) });

/** A layout of the model's own sampler whose level-0 regions lie well inside the image, so that there is room to move. */
export async function layoutOf({ runtime, seed }: FigureContext, index: number): Promise<HeatmapLayout> {
  const rng = createRng(seed).split(`layout:${index}`);
  let layout = await runtime.sampleLayout(rng.integer(2 ** 31));
  const inside = ({ center }: { readonly center: { readonly x: number; readonly y: number } }): boolean => [center.x, center.y].every((at) => at > 0.25 && at < 0.75);
  for (let tries = 0; tries < 64 && !layout.levels[0]!.regions.every(inside); tries++) layout = await runtime.sampleLayout(rng.integer(2 ** 31));
  return layout;
}
