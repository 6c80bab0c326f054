import { add, conv2d, div, mean, relu, sub, type Tensor1D, type Tensor2D, type Tensor4D, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';

/** A convolution of the network. */
export type SmallConv = Readonly<{
  /** [k,k,in,out]. */
  filter: Tensor4D;
  bias: Tensor1D;
}>;

/** Weights by layer name. */
export type SmallParams = Readonly<Record<string, SmallConv>>;

interface Layer {
  readonly name: string;
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly in: number;
  readonly out: number;
}

/** Side of the images that the network looks at. */
export const smallSize = 64;
/** Length of a feature vector. */
export const smallDims = 128;

/** 64 → 32 → 16 → 8 → 4 pixels; layers of stride 1 are added to what they read. */
const layers: readonly Layer[] = [
  { name: 'down32', kernel: 4, stride: 2, in: 3, out: 24 },
  { name: 'down16', kernel: 3, stride: 2, in: 24, out: 48 },
  { name: 'same16', kernel: 3, stride: 1, in: 48, out: 48 },
  { name: 'down8', kernel: 3, stride: 2, in: 48, out: 96 },
  { name: 'same8', kernel: 3, stride: 1, in: 96, out: 96 },
  { name: 'down4', kernel: 3, stride: 2, in: 96, out: smallDims },
  { name: 'same4', kernel: 3, stride: 1, in: smallDims, out: smallDims },
];

/** Names and shapes of the weights, by path. */
export function smallShapes(): ReadonlyMap<string, readonly number[]> {
  return new Map(layers.flatMap(({ name, kernel, in: I, out }): [string, readonly number[]][] => [
    [`${name}.filter`, [kernel, kernel, I, out]], [`${name}.bias`, [out]],
  ]));
}

/** Random weights that keep variances (He et al. 2015); the caller owns them. */
export function initSmall(rng: Rng): SmallParams {
  return Object.fromEntries(layers.map(({ name, kernel, in: I, out }): [string, SmallConv] => {
    const size = Math.sqrt(2 / (kernel * kernel * I));
    const stream = rng.split(name);
    const values = Float32Array.from({ length: kernel * kernel * I * out }, () => stream.normal() * size);
    return [name, { filter: tensor4d(values, [kernel, kernel, I, out]), bias: tensor1d(new Float32Array(out)) }];
  }));
}

/** A layer before its ReLU: a convolution, padded as TensorFlow's 'same', plus its bias. */
export type SmallLayer = (x: Tensor4D, weights: SmallConv, layer: { readonly name: string; readonly stride: 1 | 2 }) => Tensor4D;

const plain: SmallLayer = (x, { filter, bias }, { stride }) => add(conv2d(x, filter, stride, 'same'), bias) as Tensor4D;

/**
 * Features of the small network: the means of its last maps over the image.
 *
 * @param images [N,64,64,3] in [0, 255].
 * @param layer how a layer computes; training puts one in that normalizes over the batch, and folds that into the weights later.
 * @returns [N,128], values ≥ 0.
 */
export function smallFeatures(params: SmallParams, images: Tensor4D, layer: SmallLayer = plain): Tensor2D {
  return tidy(() => {
    const maps = layers.reduce<Tensor4D>((x, { name, stride }) => {
      const y = layer(x, params[name]!, { name, stride });
      return relu(stride === 1 ? add(x, y) : y) as Tensor4D;
    }, div(sub(images, 127.5), 127.5));
    return mean(maps, [1, 2]) as Tensor2D;
  });
}
