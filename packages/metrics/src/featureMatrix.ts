import { SpatialGANError } from '@spatialgan/core';

/** Features of images, one row each. */
export interface FeatureMatrix {
  readonly rows: number;
  readonly dims: number;
  /** Row-major, rows · dims. */
  readonly values: Float32Array | Float64Array;
}

/**
 * Checks a public argument.
 *
 * @throws SpatialGANError 'SHAPE' when sizes disagree, 'DATA' when there are too few rows.
 */
export function assertFeatures(where: string, features: FeatureMatrix, least = 1): void {
  const { rows, dims, values } = features;
  if (values.length !== rows * dims) {
    throw new SpatialGANError('SHAPE', `${where}: expected ${rows}·${dims} values, got ${values.length}`);
  }
  if (rows < least) throw new SpatialGANError('DATA', `${where}: expected at least ${least} images, got ${rows}`);
}

/** Throws 'SHAPE' when two sets have features of different lengths. */
export function assertSameDims(where: string, a: { readonly dims: number }, b: { readonly dims: number }): void {
  if (a.dims !== b.dims) {
    throw new SpatialGANError('SHAPE', `${where}: expected features of one extractor, got ${a.dims} and ${b.dims} dims`);
  }
}

/** Copies rows into float64, the precision everything is computed in. */
export function gatherRows({ dims, values }: FeatureMatrix, indices: ArrayLike<number>): Float64Array {
  const out = new Float64Array(indices.length * dims);
  for (let i = 0; i < indices.length; i++) out.set(values.subarray(indices[i]! * dims, (indices[i]! + 1) * dims), i * dims);
  return out;
}
