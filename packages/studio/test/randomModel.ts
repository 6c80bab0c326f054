import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, readParams } from '@spatialgan/core';
import { buildModel, presetConfig, writeModel } from '@spatialgan/model';

/** The file of a small untrained generator: its images are textures, but they follow the layout like any. */
export async function randomModel(): Promise<Uint8Array> {
  await setBackend('cpu');
  await ready();
  const { model: config } = presetConfig('paper', { imgResolution: 32, channelBase: 512, channelMax: 32, latentDim: 32 });
  const params = buildModel(config).generator.init(createRng(1));
  const file = writeModel({ config: { ...config, name: 'untrained' }, G: await readParams(params) });
  disposeParams(params);
  return file;
}
