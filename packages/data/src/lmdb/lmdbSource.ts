import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSpatialGANError, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import type { ImageSource } from '../imageSource.js';
import { looksLikeLmdb } from './lmdbPages.js';
import { openLmdb } from './openLmdb.js';

/** The LMDB file that a path means: itself, or `data.mdb` in a folder; undefined when it means none. */
export async function lmdbFileOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  const file = found?.isDirectory() ? join(path, 'data.mdb') : path;
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const head = Buffer.alloc(32);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return looksLikeLmdb(head.subarray(0, bytesRead)) ? file : undefined;
  } catch {
    return undefined; // a folder of that name
  } finally {
    await handle.close();
  }
}

/** Bytes ↔ names, one character a byte: LSUN's keys are hexadecimal digits. */
const nameOf = (key: Buffer): string => key.toString('latin1');

/**
 * The images of an LMDB as LSUN's are: each value a JPEG, PNG or WebP, in the order of the keys.
 *
 * `maxImages` stops the listing, which reads a page of every hundred or so keys.
 *
 * @throws SpatialGANError 'DATA' when the file is damaged or of a format that is not read; 'ABORTED'.
 */
export async function lmdbSource(file: string, options: { readonly maxImages?: number; readonly signal?: AbortSignal } = {}): Promise<ImageSource> {
  const { maxImages = Infinity, signal } = options;
  const refuse = (cause: unknown): never => {
    if (isSpatialGANError(cause)) throw cause;
    throw new SpatialGANError('DATA', `lmdbSource: ${file} is refused: ${(cause as Error).message}`, { cause });
  };
  const lmdb = await openLmdb(file).catch(refuse);
  const files: string[] = [];
  try {
    for await (const key of lmdb.keys()) {
      if (files.length >= maxImages) break;
      if (files.length % 4096 === 0) throwIfAborted(signal, 'lmdbSource');
      files.push(nameOf(key));
    }
  } catch (cause) {
    await lmdb.close();
    return refuse(cause);
  }
  return {
    name: file, files, datasetJson: undefined,
    async read(name) {
      const value = await lmdb.get(Buffer.from(name, 'latin1'));
      if (!value) throw new Error('it is not in the database');
      return value;
    },
    dispose: () => void lmdb.close(),
  };
}
