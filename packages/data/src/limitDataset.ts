import { SpatialGANError } from '@spatialgan/core';
import { assertIndex } from './assertIndex.js';
import { type ImageDataset } from './imageDataset.js';

/**
 * The first `count` images of a data set (all when it has fewer); disposing the view disposes nothing.
 *
 * @throws SpatialGANError 'CONFIG' when count is not a positive integer.
 */
export function limitDataset(dataset: ImageDataset, count: number): ImageDataset {
  if (!Number.isInteger(count) || count < 1) {
    throw new SpatialGANError('CONFIG', `limitDataset: expected a positive integer count, got ${count}`);
  }
  const { name, resolution, cDim, licences } = dataset;
  const length = Math.min(count, dataset.length);
  const label = dataset.label?.bind(dataset);
  const check = (index: number): void => assertIndex(`limitDataset ${name}`, index, length);
  return {
    name, length, resolution, cDim, channels: 3,
    ...(licences && { licences }),
    image: async (index) => (check(index), dataset.image(index)),
    ...(label && { label: (index) => (check(index), label(index)) }),
  };
}
