import { reshape, type Tensor, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { isTensor, SpatialGANError } from '@spatialgan/core';
import type { ExtractorInfo } from './metricResult.js';
import type { ResizeFilter } from '@spatialgan/data';

/** What an extractor says of a batch; the caller owns the tensors. */
export interface ExtractedFeatures {
  /** [N,dims]. */
  readonly features: Tensor2D;
  /** [N,classes], rows adding up to 1; needed by the Inception score only. */
  readonly probabilities?: Tensor2D;
}

/** Turns images into the vectors whose distributions are compared; a plugin. */
export interface FeatureExtractor {
  readonly info: ExtractorInfo;
  /** Side of the images it is given, or null for any. */
  readonly size: number | null;
  /** How images come to that side; part of what a figure means. */
  readonly resize: ResizeFilter;
  /** images [N,size,size,3] in [0, 255] → features; borrows the images, leaves nothing behind. */
  extract(images: Tensor4D): ExtractedFeatures;
}

export interface FunctionExtractorOptions {
  readonly name: string;
  /** A hash of the weights, or whatever tells revisions apart. */
  readonly version: string;
  readonly dims: number;
  /** Default null. */
  readonly size?: number | null;
  /** Default `bicubic`, as clean-fid; ignored without a size. */
  readonly resize?: ResizeFilter;
  /** Whether others report figures with exactly this extractor and filter; default false. */
  readonly published?: boolean;
  /** images [N,size,size,3] in [0, 255] → features, [N,…] of `dims` numbers an image, alone or with class probabilities. */
  readonly features: (images: Tensor4D) => Tensor | { readonly features: Tensor; readonly probabilities?: Tensor };
}

/** Makes an extractor of a function. */
export function functionExtractor(options: FunctionExtractorOptions): FeatureExtractor {
  const { name, version, dims, size = null, resize = 'bicubic', published = false, features } = options;
  return {
    info: { name, version, dims, published },
    size,
    resize: size === null ? 'none' : resize,
    extract: (images) =>
      tidy(() => {
        const result = features(images);
        const { features: raw, probabilities } = isTensor(result) ? { features: result, probabilities: undefined } : result;
        if (raw.size !== images.shape[0] * dims) {
          throw new SpatialGANError('SHAPE', `extractor ${name}: expected ${dims} numbers for each of ${images.shape[0]} images, got [${raw.shape}]`);
        }
        const found = { features: reshape(raw, [images.shape[0], dims]) as Tensor2D };
        return probabilities ? { ...found, probabilities: probabilities as Tensor2D } : found;
      }),
  };
}

/** What a tf.LayersModel and a tf.GraphModel have in common. */
export interface PredictsTensors {
  predict(images: Tensor4D): Tensor | Tensor[] | Readonly<Record<string, Tensor>>;
}

export interface ModelExtractorOptions extends Omit<FunctionExtractorOptions, 'features'> {
  /** Images in [0, 255] → what the model wants, e.g. `(x) => sub(div(x, 127.5), 1)`. */
  readonly preprocess: (images: Tensor4D) => Tensor4D;
  /** Which output holds the features, by number or name; default the first. */
  readonly output?: number | string;
  /** Which output holds class probabilities, if one does. */
  readonly probabilities?: number | string;
}

function pick(outputs: ReturnType<PredictsTensors['predict']>, which: number | string, name: string): Tensor {
  const found = isTensor(outputs) ? (which === 0 ? outputs : undefined) : (outputs as Readonly<Record<number | string, Tensor>>)[which];
  if (!found) throw new SpatialGANError('CONFIG', `extractor ${name}: the model has no output ${which}`);
  return found;
}

/** Makes an extractor of any tf.LayersModel or tf.GraphModel, which stays the caller's. */
export function modelExtractor(model: PredictsTensors, options: ModelExtractorOptions): FeatureExtractor {
  const { preprocess, output = 0, probabilities, ...rest } = options;
  return functionExtractor({
    ...rest,
    features: (images) => {
      const outputs = model.predict(preprocess(images));
      const features = pick(outputs, output, options.name);
      return probabilities === undefined ? features : { features, probabilities: pick(outputs, probabilities, options.name) };
    },
  });
}
