import { createHash } from 'node:crypto';
import { dispose, zeros, type Tensor4D } from '@tensorflow/tfjs-core';
import { readStateDict } from '@spatialgan/checkpoint';
import { readPath } from '@spatialgan/checkpoint/node';
import { type Disposable, isSpatialGANError, SpatialGANError } from '@spatialgan/core';
import type { FeatureExtractor } from '@spatialgan/metrics';
import { inceptionExtractor } from '@spatialgan/metrics/inception';
import { openSmallExtractor } from '@spatialgan/metrics/node';
import type { MetricName } from './evaluateModel.js';

/** Filters that an image may come to the extractor's size by. */
export const resizeNames = ['tf-bilinear', 'bicubic', 'bilinear', 'box', 'lanczos'] as const;
export type ResizeName = (typeof resizeNames)[number];

async function inceptionOf(path: string, resize: ResizeName | undefined): Promise<FeatureExtractor & Disposable> {
  const bytes = await readPath(path);
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  try {
    return inceptionExtractor(readStateDict(bytes), { version, ...(resize ? { resize } : {}) });
  } catch (cause) {
    if (!isSpatialGANError(cause)) throw cause;
    throw new SpatialGANError(cause.code, `--extractor ${path}: ${cause.message}`, { cause });
  }
}

/**
 * The extractor of a file of Inception's weights, or the small one that comes with `@spatialgan/metrics`.
 *
 * @param file a state dict of the 2015-12-05 network (.pth, .pt or .safetensors), or 'small'.
 * @throws SpatialGANError 'CHECKPOINT' when the file is another.
 */
export async function openExtractor(file: string, resize: ResizeName | undefined): Promise<FeatureExtractor & Disposable> {
  if (file !== 'small') return inceptionOf(file, resize);
  const small = await openSmallExtractor();
  return resize ? { ...small, resize } : small;
}

/** Tells at once, and not after an hour of extracting, that an extractor has no classes for the Inception score. */
export function assertHasClasses(extractor: FeatureExtractor, metrics: readonly MetricName[]): void {
  if (!metrics.includes('is')) return;
  const side = extractor.size ?? 64;
  const image: Tensor4D = zeros([1, side, side, 3]);
  const { features, probabilities } = extractor.extract(image);
  dispose([image, features, ...(probabilities ? [probabilities] : [])]);
  if (probabilities) return;
  throw new SpatialGANError('CONFIG', `--metrics is: extractor ${extractor.info.name} has no classes; give Inception's weights with --extractor FILE, or leave 'is' out`);
}
