import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioReason, SpatialGANError } from '@spatialgan/core';

/** Writes a file and waits until the disk has it. */
export async function writeFileSynced(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until the disk has a folder's entries; where folders cannot be synced (Windows) nothing is to do. */
export async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** What went wrong, in words a person can act on. */
export function ioError(where: string, cause: unknown): SpatialGANError {
  const plain: Readonly<Record<string, string>> = { ENOENT: 'it does not exist', EISDIR: 'it is a folder, not a file' };
  const reason = plain[(cause as NodeJS.ErrnoException).code ?? ''] ?? ioReason(cause);
  return new SpatialGANError('CHECKPOINT', `${where}: ${reason}`, { cause });
}

/**
 * Replaces a file in one step: a reader, or a crash, meets the old content or the new, never a part.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it cannot be written; the old content is then in place.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileSynced(temporary, content);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw ioError(`writeFileAtomic ${path}`, cause);
  }
}

/**
 * Reads a file of the disk.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it cannot be read.
 */
export async function readPath(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw ioError(`readPath ${path}`, cause);
  });
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
