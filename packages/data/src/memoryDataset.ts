import { SpatialGANError } from '@spatialgan/core';
import { assertIndex } from './assertIndex.js';
import { type ImageDataset } from './imageDataset.js';

export interface MemoryDatasetOptions {
  readonly name?: string;
  readonly resolution: number;
  /** RGB, row-major, resolution · resolution · 3 bytes each; borrowed. */
  readonly images: readonly Uint8Array[];
  /** One of equal length an image. */
  readonly labels?: readonly Float32Array[];
}

/**
 * A data set of pixels that are in memory already, e.g. read from a canvas in a browser.
 *
 * @throws SpatialGANError 'DATA' when there is no image, or one or its label has another length than the rest.
 */
export function memoryDataset({ name = 'memory', resolution, images, labels }: MemoryDatasetOptions): ImageDataset {
  const size = resolution * resolution * 3;
  const cDim = labels?.[0]?.length ?? 0;
  const odd = images.findIndex((image) => image.length !== size);
  if (images.length === 0) throw new SpatialGANError('DATA', 'memoryDataset: expected at least one image, got none');
  if (odd >= 0) {
    throw new SpatialGANError('DATA', `memoryDataset: image ${odd}: expected ${size} bytes (RGB of ${resolution}²), got ${images[odd]!.length}`);
  }
  if (labels && (cDim === 0 || labels.length !== images.length || labels.some((label) => label.length !== cDim))) {
    throw new SpatialGANError('DATA', `memoryDataset: expected ${images.length} labels of one length above 0, got ${labels.length}`);
  }
  const check = (index: number): void => assertIndex(`memoryDataset ${name}`, index, images.length);
  return {
    name, length: images.length, resolution, channels: 3, cDim,
    image: async (index) => (check(index), images[index]!.slice()),
    ...(labels && { label: (index: number) => (check(index), labels[index]!.slice()) }),
  };
}
