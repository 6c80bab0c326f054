import type { ParamData } from '@spatialgan/core';
import { refuseTorch } from '../torch/torchValues.js';
import { channelsAt, resolutionsUpTo } from './channelSchedule.js';
import type { ImportedDiscriminator, ImportedGenerator, ImportedMapping } from './importedConfig.js';

type Shapes = Map<string, readonly number[]>;

function addMapping(shapes: Shapes, prefix: string, { mapping, zDim, cDim, wDim }: { readonly mapping: ImportedMapping; readonly zDim: number; readonly cDim: number; readonly wDim: number }): void {
  const { numLayers = 8, embedFeatures = wDim, layerFeatures = wDim } = mapping;
  const add = (name: string, out: number, inputs: number): void => {
    shapes.set(`${prefix}${name}.weight`, [out, inputs]).set(`${prefix}${name}.bias`, [out]);
  };
  if (cDim > 0) add('embed', embedFeatures, cDim);
  for (let i = 0; i < numLayers; i++) {
    add(`fc${i}`, i === numLayers - 1 ? wDim : layerFeatures, i === 0 ? zDim + (cDim > 0 ? embedFeatures : 0) : layerFeatures);
  }
}

function addSel(shapes: Shapes, site: string, { channels, resolution }: { readonly channels: number; readonly resolution: number }): void {
  const add = (name: string, out: number, inputs: number): void => {
    shapes.set(`${site}.sel.${name}.weight`, [out, inputs, 3, 3]).set(`${site}.sel.${name}.bias`, [out]);
  };
  add('shared.0', 64, resolution > 16 ? 96 : 32);
  add('sigma', 1, 64);
  add('mu', 1, 64);
  add('output.1', channels, channels);
}

interface SiteSize {
  readonly inputs: number;
  readonly out: number;
  readonly kernel: number;
}

/** PyTorch's names and shapes of a generator's arrays, without `resample_filter`. */
export function generatorShapes(config: ImportedGenerator, steered: boolean): ReadonlyMap<string, readonly number[]> {
  const { imgResolution, imgChannels, wDim, architecture, useNoise } = config;
  const shapes: Shapes = new Map();
  addMapping(shapes, 'mapping.', config);
  if (config.mapping.wAvgBeta !== null) shapes.set('mapping.w_avg', [wDim]);
  const addSite = (site: string, resolution: number, { inputs, out, kernel }: SiteSize): void => {
    shapes.set(`${site}.weight`, [out, inputs, kernel, kernel]).set(`${site}.bias`, [out]);
    shapes.set(`${site}.affine.weight`, [inputs, wDim]).set(`${site}.affine.bias`, [inputs]);
    if (kernel === 3 && useNoise) shapes.set(`${site}.noise_strength`, []).set(`${site}.noise_const`, [resolution, resolution]);
    if (steered) addSel(shapes, site, { channels: inputs, resolution });
  };
  for (const resolution of resolutionsUpTo(imgResolution)) {
    const block = `synthesis.b${resolution}`;
    const out = channelsAt(resolution, config);
    const inputs = channelsAt(resolution / 2, config);
    if (resolution === 4) shapes.set(`${block}.const`, [out, 4, 4]);
    else addSite(`${block}.conv0`, resolution, { inputs, out, kernel: 3 });
    addSite(`${block}.conv1`, resolution, { inputs: out, out, kernel: 3 });
    if (architecture === 'skip' || resolution === imgResolution) addSite(`${block}.torgb`, resolution, { inputs: out, out: imgChannels, kernel: 1 });
    if (architecture === 'resnet' && resolution > 4) shapes.set(`${block}.skip.weight`, [out, inputs, 1, 1]);
  }
  if (steered) {
    for (const level of [0, 1, 2]) {
      const name = (conv: number): string => `synthesis.hm_conv${conv}_b${8 << level}`;
      shapes.set(`${name(0)}.weight`, [16, 1 << level, 3, 3]).set(`${name(0)}.bias`, [16]);
      shapes.set(`${name(1)}.weight`, [32, 16, 3, 3]).set(`${name(1)}.bias`, [32]);
    }
  }
  return shapes;
}

/** PyTorch's names and shapes of a discriminator's arrays, without `resample_filter`. */
export function discriminatorShapes(config: ImportedDiscriminator): ReadonlyMap<string, readonly number[]> {
  const { imgResolution, imgChannels, architecture, cDim, mbstdNumChannels } = config;
  const shapes: Shapes = new Map();
  for (const resolution of resolutionsUpTo(imgResolution).slice(1).reverse()) {
    const own = channelsAt(resolution, config);
    const out = channelsAt(resolution / 2, config);
    const block = `b${resolution}`;
    if (resolution === imgResolution || architecture === 'skip') shapes.set(`${block}.fromrgb.weight`, [own, imgChannels, 1, 1]).set(`${block}.fromrgb.bias`, [own]);
    shapes.set(`${block}.conv0.weight`, [own, own, 3, 3]).set(`${block}.conv0.bias`, [own]);
    shapes.set(`${block}.conv1.weight`, [out, own, 3, 3]).set(`${block}.conv1.bias`, [out]);
    if (architecture === 'resnet') shapes.set(`${block}.skip.weight`, [out, own, 1, 1]);
  }
  const last = channelsAt(4, config);
  const cmapDim = cDim > 0 ? (config.cmapDim ?? last) : 0;
  if (architecture === 'skip') shapes.set('b4.fromrgb.weight', [last, imgChannels, 1, 1]).set('b4.fromrgb.bias', [last]);
  shapes.set('b4.conv.weight', [last, last + mbstdNumChannels, 3, 3]).set('b4.conv.bias', [last]);
  shapes.set('b4.fc.weight', [last, last * 16]).set('b4.fc.bias', [last]);
  shapes.set('b4.out.weight', [cmapDim || 1, last]).set('b4.out.bias', [cmapDim || 1]);
  if (cDim > 0) addMapping(shapes, 'mapping.', { mapping: config.mapping ?? {}, zDim: 0, cDim, wDim: cmapDim });
  return shapes;
}

/**
 * The arrays that a network needs, in PyTorch's names.
 *
 * @throws SpatialGANError 'CHECKPOINT' naming the first that is missing or of another shape.
 */
export function pickExpected(
  arrays: Readonly<Record<string, ParamData>>, shapes: ReadonlyMap<string, readonly number[]>, network: string,
): Record<string, ParamData> {
  return Object.fromEntries(
    [...shapes].map(([name, shape]) => {
      const found = Object.hasOwn(arrays, name) ? arrays[name] : undefined;
      if (found?.shape.join() !== shape.join()) {
        return refuseTorch(`${network}.${name}: expected shape [${shape}], got ${found ? `[${found.shape}]` : 'nothing'}; the network is of another kind than recognised`);
      }
      return [name, found];
    }),
  );
}
