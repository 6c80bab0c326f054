import { type Awaitable, SpatialGANError } from '@spatialgan/core';
import type { ByteImage } from '@spatialgan/data';
import { objectUnder, type Segmenter } from './segmenter.js';

/** One instance that a model found. */
export interface PredictedInstance {
  /**
   * [height, width] of the image it was found in, row-major: 0 / 1, booleans, or probabilities that count from
   * `threshold` on.
   */
  readonly mask: ArrayLike<number | boolean>;
  /** How sure the model is, in [0, 1]; 1 when left out. */
  readonly score?: number;
  readonly label?: string;
  /** What tells it from others after it moved, of one length; colors under the mask when left out. */
  readonly appearance?: ArrayLike<number>;
}

export interface FunctionSegmenterOptions {
  readonly name: string;
  /** Tells weights and revisions apart. */
  readonly version: string;
  /**
   * The model: an 8-bit RGB image, row-major, channels last, to the instances in it, in any order. Bring the image to the
   * model's size and its masks back to the image's within; leave out background ("stuff").
   */
  readonly predict: (image: ByteImage) => Awaitable<readonly PredictedInstance[]>;
  /** Instances that are less sure are left out; default 0.5. */
  readonly minScore?: number;
  /** From here on a mask's value counts; default 0.5. */
  readonly threshold?: number;
  /** Smaller instances are left out; a fraction of the image, default 0.002. */
  readonly minArea?: number;
}

/**
 * Any instance segmentation model as a segmenter, given as a function (an ONNX or tfjs model, a service).
 *
 * Segmenting throws SpatialGANError 'SHAPE' when a mask has not one value a pixel, or appearances differ in length.
 */
export function functionSegmenter(options: FunctionSegmenterOptions): Segmenter {
  const { name, version, predict, minScore = 0.5, threshold = 0.5, minArea = 0.002 } = options;
  return {
    name,
    version: `${version} minScore=${minScore} threshold=${threshold} minArea=${minArea}`,
    async segment(image) {
      const size = image.width * image.height;
      const found = await predict(image);
      const objects = found.flatMap(({ mask, score = 1, label, appearance }, i) => {
        if (mask.length !== size) {
          throw new SpatialGANError('SHAPE', `segmenter ${name}: expected mask ${i} of ${image.height}·${image.width} values, got ${mask.length}; resize it to the image`);
        }
        const binary = Uint8Array.from({ length: size }, (_, k) => (Number(mask[k]) >= threshold ? 1 : 0));
        const area = binary.reduce((sum, value) => sum + value, 0);
        if (score < minScore || area === 0 || area < minArea * size) return [];
        const object = objectUnder(image, binary, label);
        return [appearance ? { ...object, appearance: Float32Array.from(appearance) } : object];
      });
      const lengths = new Set(objects.map((object) => object.appearance.length));
      if (lengths.size > 1) throw new SpatialGANError('SHAPE', `segmenter ${name}: expected appearances of one length, got ${[...lengths].join(', ')}; give all or none`);
      return objects;
    },
  };
}
