import { dispose, tensor4d } from '@tensorflow/tfjs-core';
import { SpatialGANError, throwIfAborted } from '@spatialgan/core';
import type { FeatureExtractor } from './featureExtractor.js';
import type { FeatureMatrix } from './featureMatrix.js';
import { createFeatureStatistics, type FeatureStatistics } from './featureStatistics.js';
import type { ImageSource } from './imageSource.js';
import { type ByteImage, resizeToFloat } from '@spatialgan/data';
import { progressOf, type RunOptions } from './steps.js';

/** What is to be kept of the features; all of it is by default not. */
export interface FeatureNeeds {
  readonly statistics?: boolean;
  readonly features?: boolean;
  readonly probabilities?: boolean;
}

/** Features of some images of a source. */
export interface CollectedFeatures {
  readonly count: number;
  readonly statistics?: FeatureStatistics;
  readonly features?: FeatureMatrix;
  readonly probabilities?: FeatureMatrix;
}

export interface CollectOptions extends RunOptions {
  readonly source: ImageSource;
  readonly indices: readonly number[];
  readonly extractor: FeatureExtractor;
  readonly needs: FeatureNeeds;
  /** Images at a time; changes speed and memory, not the result. Default 16. */
  readonly batch?: number;
}

/** Three channels of one or three. */
function asRgb(image: ByteImage): ByteImage {
  if (image.channels === 3) return image;
  if (image.channels !== 1) throw new SpatialGANError('SHAPE', `collectFeatures: expected images of 1 or 3 channels, got ${image.channels}`);
  return { ...image, data: Uint8Array.from({ length: image.data.length * 3 }, (_, i) => image.data[Math.floor(i / 3)]!), channels: 3 };
}

async function extractBatch(extractor: FeatureExtractor, images: readonly ByteImage[]): Promise<{ features: Float32Array; probabilities?: Float32Array }> {
  const side = extractor.size ?? images[0]!.width;
  const pixels = new Float32Array(images.length * side * side * 3);
  images.forEach((image, n) => pixels.set(resizeToFloat(asRgb(image), side, extractor.resize), n * side * side * 3));
  const input = tensor4d(pixels, [images.length, side, side, 3]);
  const found = extractor.extract(input);
  try {
    const features = await found.features.data<'float32'>();
    const probabilities = await found.probabilities?.data<'float32'>();
    return probabilities ? { features, probabilities } : { features };
  } finally {
    dispose([input, found.features, ...(found.probabilities ? [found.probabilities] : [])]);
  }
}

const joined = (parts: readonly Float32Array[], rows: number): FeatureMatrix => {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (values.set(part, at), at + part.length), 0);
  return { rows, dims: values.length / rows, values };
};

/**
 * Reads images, resizes them and extracts what is needed.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'DATA' without images, 'CONFIG' when probabilities are
 * needed and the extractor has none.
 */
export async function collectFeatures(options: CollectOptions): Promise<CollectedFeatures> {
  const { source, indices, extractor, needs, batch = 16, signal } = options;
  const stage = `features of ${source.name}`;
  const report = progressOf(stage, options);
  if (indices.length === 0) throw new SpatialGANError('DATA', `${stage}: expected at least one image`);
  const statistics = createFeatureStatistics(extractor.info.dims);
  const [features, probabilities]: [Float32Array[], Float32Array[]] = [[], []];
  for (let begin = 0; begin < indices.length; begin += batch) {
    throwIfAborted(signal, stage);
    const images = await source.read(indices.slice(begin, begin + batch));
    throwIfAborted(signal, stage);
    const found = await extractBatch(extractor, images);
    if (needs.statistics) statistics.push(found.features);
    if (needs.features) features.push(found.features);
    if (needs.probabilities) {
      if (!found.probabilities) throw new SpatialGANError('CONFIG', `${stage}: extractor ${extractor.info.name} gives no class probabilities; leave the Inception score out`);
      probabilities.push(found.probabilities);
    }
    report(Math.min(1, (begin + images.length) / indices.length));
  }
  const count = indices.length;
  return {
    count,
    ...(needs.statistics && { statistics: statistics.result() }),
    ...(needs.features && { features: joined(features, count) }),
    ...(needs.probabilities && { probabilities: joined(probabilities, count) }),
  };
}
