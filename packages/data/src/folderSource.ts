import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { type ImageSource, isImageName, sortNames } from './imageSource.js';

export interface FolderSourceOptions {
  readonly recursive: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Links to files count as files; links to folders are not followed, so that a loop cannot be. */
async function listImages(dir: string, { recursive, signal }: FolderSourceOptions): Promise<string[]> {
  const found: string[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    throwIfAborted(signal, 'folderDataset');
    for (const entry of await readdir(join(dir, folder), { withFileTypes: true })) {
      const name = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory()) {
        if (recursive) pending.push(name);
        continue;
      }
      if (!isImageName(name)) continue;
      const linked = entry.isSymbolicLink() ? await stat(join(dir, name)).catch(() => undefined) : undefined;
      if (!linked?.isDirectory()) found.push(name);
    }
  }
  return found;
}

/** The image files of a folder. */
export async function folderSource(dir: string, options: FolderSourceOptions): Promise<ImageSource> {
  const files = await listImages(dir, options).catch((cause: NodeJS.ErrnoException) => {
    if (cause.name === 'SpatialGANError') throw cause;
    const reason = cause.code === 'ENOENT' ? 'there is no such folder' : cause.code === 'ENOTDIR' ? 'it is a file; use zipDataset for a zip' : cause.message;
    throw new SpatialGANError('DATA', `folderDataset: cannot read ${dir}: ${reason}`, { cause });
  });
  return {
    name: dir,
    files: sortNames(files),
    read: (file) => readFile(join(dir, file)),
    datasetJson: await readFile(join(dir, 'dataset.json'), 'utf8').catch(() => undefined),
    dispose() {},
  };
}
