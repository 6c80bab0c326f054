import { fileDataset, type FileDataset, type FileDatasetOptions } from './fileDataset.js';
import { folderSource } from './folderSource.js';

export interface FolderDatasetOptions extends FileDatasetOptions {
  /** Look into folders inside the folder; true by default. */
  readonly recursive?: boolean;
}

/**
 * The PNG, JPEG and WebP images of a folder in the order of their names; a `dataset.json` in it gives labels.
 *
 * @throws SpatialGANError 'DATA' when there is no usable image, or a bad one with `onBad: 'refuse'`; 'ABORTED'.
 */
export async function folderDataset(dir: string, options: FolderDatasetOptions): Promise<FileDataset> {
  const { recursive = true, signal } = options;
  return fileDataset(await folderSource(dir, { recursive, signal }), options);
}
