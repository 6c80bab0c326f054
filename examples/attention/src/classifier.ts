import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { tensor2d, train } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { drawShapes, SIDE } from './shapes.js';

/** A tf.LayersModel such as anyone may have: two classes, ring and disc. */
export function createClassifier(): LayersModel {
  return sequential({ layers: [
    layers.conv2d({ name: 'conv1', inputShape: [SIDE, SIDE, 3], filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.conv2d({ name: 'conv2', filters: 16, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
    layers.conv2d({ name: 'conv3', filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.globalMaxPooling2d({ name: 'pool' }),
    layers.dense({ name: 'classes', units: 2 }),
  ] });
}

/** Trains it on drawn shapes; the share that it gets right on new ones. */
export async function trainClassifier(model: LayersModel, epochs = 6): Promise<number> {
  model.compile({ optimizer: train.adam(0.005), loss: 'meanSquaredError', metrics: ['accuracy'] });
  const labelled = (label: string, count: number) => {
    const { images, discs } = drawShapes(createRng(1).split(label), count);
    return { images, labels: tensor2d(discs.map((disc) => [1 - disc, disc])) };
  };
  const [seen, fresh] = [labelled('train', 512), labelled('test', 200)];
  await model.fit(seen.images, seen.labels, { epochs, batchSize: 32, verbose: 0 });
  const [, accuracy] = model.evaluate(fresh.images, fresh.labels) as { dataSync(): Float32Array }[];
  return accuracy!.dataSync()[0]!;
}
