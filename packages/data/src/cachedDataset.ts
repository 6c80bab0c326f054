import { assertIndex } from './assertIndex.js';
import { type ImageDataset } from './imageDataset.js';

/**
 * Keeps the bytes of each image in memory from its first use on, up to `maxBytes`; what does not fit is
 * read again each time.
 *
 * Disposing the cache forgets the bytes and disposes the data set behind it.
 */
export function cachedDataset(dataset: ImageDataset, options: { readonly maxBytes?: number } = {}): ImageDataset {
  const { name, length, resolution, cDim, licences } = dataset;
  const label = dataset.label?.bind(dataset);
  const size = resolution * resolution * 3;
  let room = Math.floor((options.maxBytes ?? 2 ** 30) / size);
  const kept = new Map<number, Uint8Array>();
  const image = async (index: number): Promise<Uint8Array> => {
    assertIndex(`cachedDataset ${name}`, index, length);
    const known = kept.get(index);
    if (known) return known.slice();
    const bytes = await dataset.image(index);
    if (room > 0 && !kept.has(index)) {
      room--;
      kept.set(index, bytes.slice());
    }
    return bytes;
  };
  return {
    name, length, resolution, cDim, channels: 3, image,
    ...(licences && { licences }),
    ...(label && { label }),
    dispose() {
      kept.clear();
      room = 0;
      dataset.dispose?.();
    },
  };
}
