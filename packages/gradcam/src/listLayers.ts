import { type Tensor4D, zeros } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { layersModelScore, type LayersModelLike } from './layersModel.js';
import { listTaps, type TapInfo } from './listTaps.js';

/**
 * The layers of a `tf.LayersModel` that one may look at, nested ones by path, with shapes and the one to start with.
 *
 * Runs the model once on an empty image. Any other score: `listTaps(score, images)`.
 *
 * @param size [H, W], needed only for models that take images of any size.
 * @throws SpatialGANError 'SHAPE' when the model takes no images, or images of any size and none is given.
 */
export function listLayers(model: LayersModelLike, size?: readonly [number, number]): readonly TapInfo[] {
  const score = layersModelScore(model);
  const { shape } = model.inputs[0]!;
  const [, H = null, W = null, C = null] = shape;
  const image = [H ?? size?.[0], W ?? size?.[1], C];
  if (shape.length !== 4 || !image.every((n) => typeof n === 'number')) {
    throw new SpatialGANError(
      'SHAPE', `listLayers: expected a model of images [N,H,W,C], got an input [${shape.map((n) => n ?? 'any').join()}]` +
      `${shape.length === 4 ? '; say the size: listLayers(model, [H, W])' : ''}`);
  }
  const empty = zeros([1, ...(image as [number, number, number])] as [number, number, number, number]) as Tensor4D;
  try {
    return listTaps(score, empty);
  } finally {
    empty.dispose();
  }
}
