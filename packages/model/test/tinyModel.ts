import { createRng, disposeParams, readParams } from '@spatialgan/core';
import { buildModel, presetConfig, type StoredModel } from '../src/index.js';

/** A small untrained model with its discriminator, on the active backend, with `cDim` labels: its images are textures that follow the layout. */
export async function tinyModel(cDim = 0): Promise<StoredModel> {
  const { model: config } = presetConfig('paper', { imgResolution: 16, channelBase: 256, channelMax: 16, latentDim: 16, cDim });
  const model = buildModel({ ...config, name: 'tiny' });
  const [G, D] = [model.generator.init(createRng(1)), model.discriminator.init(createRng(2))];
  const stored = { config: model.config, G: await readParams(G), D: await readParams(D) };
  disposeParams(G);
  disposeParams(D);
  return stored;
}
