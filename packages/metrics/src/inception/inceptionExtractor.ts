import { add, avgPool, concat, conv2d, div, matMul, maxPool, mean, relu, softmax, sub, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { Disposable } from '@spatialgan/core';
import { type FeatureExtractor, functionExtractor } from '../featureExtractor.js';
import type { ResizeFilter } from '@spatialgan/data';
import { type Block, inceptionBlocks, nameIn, type Step } from './architecture.js';
import { disposeInception, type InceptionWeights, loadInception, type StateDict } from './loadInception.js';

function apply(weights: InceptionWeights, { block, step }: { block: Block; step: Step }, x: Tensor4D): Tensor4D {
  if (step.kind === 'fork') return concat(step.steps.map((each) => apply(weights, { block, step: each }, x)), 3);
  if (step.kind === 'pool') return (step.of === 'average' ? avgPool : maxPool)(x, 3, step.stride, step.stride === 2 ? 'valid' : 'same');
  const { filter, bias } = weights.convolutions.get(nameIn(block, step))!;
  return relu(add(conv2d(x, filter, step.stride, step.padding), bias)) as Tensor4D;
}

/**
 * The last feature maps before the global mean, [N,h,w,2048]; 8×8 of 299×299 images.
 *
 * @param images [N,H,W,3] in [-1, 1), at least 75×75.
 */
export function inceptionMaps(weights: InceptionWeights, images: Tensor4D): Tensor4D {
  return inceptionBlocks.reduce(
    (x, block) =>
      tidy(() => {
        const branches = block.branches.map((steps) => steps.reduce((y, step) => apply(weights, { block, step }, y), x));
        const joined = branches.length === 1 ? branches[0]! : concat(branches, 3);
        if (x !== images) x.dispose();
        return joined;
      }),
    images,
  );
}

export interface InceptionOptions {
  /** Which file the weights are of, e.g. its hash; part of every cache key. */
  readonly version: string;
  /** Default `tf-bilinear`, FID as first defined; `bicubic` is clean-fid's. */
  readonly resize?: ResizeFilter;
}

/**
 * The extractor FID, KID and the Inception score are defined by, from a state dict that the user has downloaded.
 *
 * Images go in as (x - 128) / 128. Probabilities leave the classifier's bias out, as the official Inception score does.
 *
 * @throws SpatialGANError 'CHECKPOINT' when the state dict is not this network's.
 */
export function inceptionExtractor(state: StateDict, { version, resize = 'tf-bilinear' }: InceptionOptions): FeatureExtractor & Disposable {
  const weights = loadInception(state);
  const extractor = functionExtractor({
    name: 'inception-v3-2015-12-05', version, dims: 2048, size: 299, resize, published: true,
    features: (images) => {
      const features = mean(inceptionMaps(weights, div(sub(images, 128), 128)), [1, 2]) as Tensor2D;
      return weights.classifier ? { features, probabilities: softmax(matMul(features, weights.classifier)) } : features;
    },
  });
  return {
    ...extractor,
    dispose() {
      disposeInception(weights);
    },
  };
}
