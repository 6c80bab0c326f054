import {
  add, avgPool, concat, mul, reshape, slice, split, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, tidy, tile,
} from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { lerp, slerp } from './interpolate.js';

/** What a path is drawn through. */
export interface PathGenerator {
  readonly zDim: number;
  /** z [N,zDim] → ws [N,L,wDim]. */
  map(z: Tensor2D): Tensor3D;
  /** ws [N,L,wDim] → images [N,H,W,C] in [-1, 1]; both ends of a path must get the same layout and noise. */
  synthesize(ws: Tensor3D): Tensor4D;
}

export interface PathOptions {
  /** `z`: slerp of latents; `w`: lerp of mapped ones. Default `w`. */
  readonly space?: 'z' | 'w';
  /** Default 1e-4. */
  readonly epsilon?: number;
  /** Looks at the middle of a face only, as for FFHQ; default false. */
  readonly crop?: boolean;
}

export interface PathInputs extends PathOptions {
  readonly generator: PathGenerator;
  /** images [2N,s,s,3] in [0, 255] → [2N,D], whose squared distance is the perceptual one (LPIPS, or an extractor's features). */
  readonly features: (images: Tensor4D) => Tensor2D;
  /** [N,zDim]. */
  readonly z0: Tensor2D;
  readonly z1: Tensor2D;
  /** Where on the path, [N] in [0, 1]: uniform for `full` sampling, 0 for `end`. */
  readonly t: Tensor1D;
}

function endsOf({ generator, z0, z1, t, space = 'w', epsilon = 1e-4 }: PathInputs): Tensor3D {
  const later = add(t, epsilon) as Tensor1D;
  if (space === 'z') return generator.map(concat([slerp(z0, z1, t), slerp(z0, z1, later)], 0));
  const [w0, w1] = split(generator.map(concat([z0, z1], 0)), 2) as [Tensor3D, Tensor3D];
  return concat([lerp(w0, w1, t), lerp(w0, w1, later)], 0);
}

/** Crop, reduction to 256 pixels, and [0, 255] in three channels. */
function prepare(images: Tensor4D, crop: boolean): Tensor4D {
  let x = images;
  if (crop) {
    const eighth = Math.floor(x.shape[1] / 8);
    x = slice(x, [0, 3 * eighth, 2 * eighth, 0], [-1, 4 * eighth, 4 * eighth, -1]);
  }
  const factor = Math.floor(images.shape[1] / 256);
  if (factor > 1) x = avgPool(x, factor, factor, 'valid');
  x = mul(add(x, 1), 127.5);
  return x.shape[3] === 1 ? tile(x, [1, 1, 1, 3]) : x;
}

/** Features of both ends, [2,N,D]. */
function endFeatures(inputs: PathInputs): Tensor {
  return tidy(() => {
    const images = inputs.generator.synthesize(endsOf(inputs));
    const features = inputs.features(prepare(images, inputs.crop ?? false));
    const [rows] = features.shape;
    return reshape(features, [2, rows / 2, features.size / rows]);
  });
}

function squaredDistances(values: ArrayLike<number>, shape: readonly number[], epsilon: number): Float64Array {
  const [, N, D] = shape as [number, number, number];
  return Float64Array.from({ length: N }, (_, n) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += (values[n * D + d]! - values[(N + n) * D + d]!) ** 2;
    return sum / epsilon ** 2;
  });
}

/**
 * Perceptual distance over a short piece of each path, divided by ε² (PPL, Karras et al. 2019), read synchronously.
 *
 * Differences and their squares are float64; the networks' float32 limits them, the more the smaller ε.
 */
export function pathDistancesSync(inputs: PathInputs): Float64Array {
  const ends = endFeatures(inputs);
  const distances = squaredDistances(ends.dataSync(), ends.shape, inputs.epsilon ?? 1e-4);
  ends.dispose();
  return distances;
}

/** As {@link pathDistancesSync}, on backends that read asynchronously too. */
export async function pathDistances(inputs: PathInputs): Promise<Float64Array> {
  const ends = endFeatures(inputs);
  try {
    return squaredDistances(await ends.data(), ends.shape, inputs.epsilon ?? 1e-4);
  } finally {
    ends.dispose();
  }
}

/** The distances that count: from the 1st percentile (lower sample) to the 99th (higher sample), both included. */
export function keptDistances(distances: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(distances).sort();
  if (sorted.length === 0) throw new SpatialGANError('DATA', 'perceptualPathLength: expected at least one distance, got none');
  const low = sorted[Math.floor((sorted.length - 1) / 100)]!;
  const high = sorted[Math.ceil(((sorted.length - 1) * 99) / 100)]!;
  return sorted.filter((value) => low <= value && value <= high);
}

/**
 * Perceptual path length: the mean of the distances without the outermost percentiles.
 *
 * @throws SpatialGANError 'DATA' when there are none.
 */
export function perceptualPathLength(distances: ArrayLike<number>): number {
  const kept = keptDistances(distances);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
