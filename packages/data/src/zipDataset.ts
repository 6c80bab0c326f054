import { fileDataset, type FileDataset, type FileDatasetOptions } from './fileDataset.js';
import { zipSource } from './zipSource.js';

/**
 * The PNG, JPEG and WebP images of a zip in the order of their names, read without unpacking it; the
 * `dataset.json` of StyleGAN2-ADA's zips gives labels.
 *
 * An archive that is cut off, leads outside itself or unpacks out of proportion is refused whole; an entry that
 * does not decode is a bad file.
 *
 * @throws SpatialGANError 'DATA' when it is refused or has no usable image; 'ABORTED'.
 */
export async function zipDataset(file: string, options: FileDatasetOptions): Promise<FileDataset> {
  return fileDataset(await zipSource(file, { signal: options.signal }), options);
}
