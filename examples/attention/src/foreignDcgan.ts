import { layers, type LayersModel, model, input } from '@tensorflow/tfjs-layers';
import { SIDE } from './shapes.js';

/** The discriminator of a DCGAN as tutorials write it: strided convolutions, leaky ReLU, dropout, one logit. Nothing of ours. */
export function foreignDiscriminator(): LayersModel {
  const image = input({ shape: [SIDE, SIDE, 3] });
  let x = image;
  [16, 32].forEach((filters, i) => {
    x = layers.conv2d({ name: `down${i + 1}`, filters, kernelSize: 5, strides: 2, padding: 'same' }).apply(x) as typeof x;
    x = layers.leakyReLU({ name: `act${i + 1}`, alpha: 0.2 }).apply(x) as typeof x;
    x = layers.dropout({ rate: 0.3 }).apply(x) as typeof x;
  });
  const logit = layers.dense({ name: 'logit', units: 1 }).apply(layers.flatten().apply(x)) as typeof x;
  return model({ inputs: image, outputs: logit });
}
