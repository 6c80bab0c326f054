import { mul, type Tensor1D, tensor1d, type Tensor2D } from '@tensorflow/tfjs-core';
import { decodeModel } from '@spatialgan/checkpoint';
import { type Disposable, disposeParams, type ParamData, SpatialGANError, tensorsOf, unflattenParams } from '@spatialgan/core';
import { type FeatureExtractor, functionExtractor } from '../featureExtractor.js';
import { smallDims, smallFeatures, type SmallParams, smallShapes, smallSize } from './smallNetwork.js';

const hex = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function checked(params: ReadonlyMap<string, ParamData>): ReadonlyMap<string, ParamData> {
  const shapes: ReadonlyMap<string, readonly number[]> = new Map([...smallShapes(), ['scale', [smallDims]]]);
  for (const [path, shape] of shapes) {
    const found = params.get(path)?.shape;
    if (found?.join() === shape.join()) continue;
    throw new SpatialGANError('CHECKPOINT', `smallExtractor: expected ${path} of shape [${shape}], got ${found ? `[${found}]` : 'none'}; give the file that comes with @spatialgan/metrics`);
  }
  return params;
}

/**
 * The small extractor that comes with this package, from its file: 128 dims, images brought to 64×64 by Pillow's bicubic.
 *
 * Trained on this repository's drawn data sets only, so it knows nothing of photographs; its figures are comparable only
 * among themselves, which every result says. Each dim is scaled to a deviation of 1 over the images it was trained on.
 *
 * @param bytes small.safetensors; `openSmallExtractor` of `@spatialgan/metrics/node` reads it from this package.
 * @throws SpatialGANError 'CHECKPOINT' when they are not this network's.
 */
export async function smallExtractor(bytes: Uint8Array): Promise<FeatureExtractor & Disposable> {
  const params = checked(decodeModel(bytes).params);
  const digest = hex(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)));
  const scale: Tensor1D = tensor1d(params.get('scale')!.data);
  const network = unflattenParams(tensorsOf(new Map([...params].filter(([path]) => path !== 'scale')))) as SmallParams;
  const extractor = functionExtractor({
    name: 'spatialgan-small', version: digest.slice(0, 16), dims: smallDims, size: smallSize, resize: 'bicubic',
    features: (images) => mul(smallFeatures(network, images), scale) as Tensor2D,
  });
  return {
    ...extractor,
    dispose() {
      disposeParams(network);
      scale.dispose();
    },
  };
}
