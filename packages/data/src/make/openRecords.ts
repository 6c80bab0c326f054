import { stat } from 'node:fs/promises';
import { SpatialGANError } from '@spatialgan/core';
import { folderSource } from '../folderSource.js';
import type { ImageSource } from '../imageSource.js';
import { lmdbFileOf, lmdbSource } from '../lmdb/lmdbSource.js';
import { zipSource } from '../zipSource.js';
import type { DatasetRecords } from './datasetRecords.js';
import { fileRecords, type FileRecordsOptions } from './fileRecords.js';

async function openSource(path: string, options: { readonly maxImages?: number; readonly signal?: AbortSignal }): Promise<ImageSource> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'which does not exist' : `which cannot be read: ${cause.message}`;
    throw new SpatialGANError('DATA', `expected a folder, a zip or an LMDB, got '${path}', ${reason}`, { cause });
  });
  const lmdb = await lmdbFileOf(path);
  if (lmdb !== undefined) return lmdbSource(lmdb, options);
  return found.isDirectory() ? folderSource(path, { recursive: true, signal: options.signal }) : zipSource(path, options);
}

/**
 * The images of a folder, a zip or an LMDB (LSUN's) as records of a data set.
 *
 * @throws SpatialGANError 'DATA' when the source is refused, has no images or labels that do not fit; 'ABORTED'.
 */
export async function openRecords(path: string, { signal, ...options }: FileRecordsOptions & { readonly signal?: AbortSignal }): Promise<DatasetRecords> {
  const { maxImages } = options;
  return fileRecords(await openSource(path, { ...(maxImages === undefined ? {} : { maxImages }), ...(signal ? { signal } : {}) }), options);
}
