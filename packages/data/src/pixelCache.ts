import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, read } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const headerBytes = 4096;
const magic = 'spatialgan-pixels-1';
const readAt = promisify(read);

/** Fixed-size records in one file behind a header with their checksum. */
export interface PixelCache {
  record(index: number): Promise<Uint8Array>;
  dispose(): void;
}

export interface PixelCacheSpec {
  /** Identifies the contents; a file with another key is not used. */
  readonly key: string;
  readonly count: number;
  /** Bytes a record. */
  readonly size: number;
}

const header = (key: string, sha256: string): Buffer => {
  const bytes = Buffer.alloc(headerBytes, ' ');
  bytes.write(JSON.stringify({ magic, key, sha256 }));
  return bytes;
};

async function checksum(file: FileHandle, length: number): Promise<string> {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1 << 20);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, length - at), headerBytes + at);
    if (bytesRead === 0) return 'truncated';
    hash.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('hex');
}

/** Opens the file when it is whole and holds what the spec asks; undefined when it has to be made (again). */
export async function openPixelCache(path: string, { key, count, size }: PixelCacheSpec): Promise<PixelCache | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return undefined;
  try {
    const head = Buffer.alloc(headerBytes);
    await file.read(head, 0, headerBytes, 0);
    const end = head.indexOf('}') + 1;
    if (head.subarray(0, end).toString() !== header(key, await checksum(file, count * size)).toString().trimEnd()) return undefined;
  } finally {
    await file.close();
  }
  let descriptor: number | undefined = openSync(path, 'r');
  return {
    async record(index) {
      if (descriptor === undefined) throw new Error('the pixel cache is disposed');
      const bytes = new Uint8Array(size);
      await readAt(descriptor, bytes, 0, size, headerBytes + index * size);
      return bytes;
    },
    dispose() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

/** Writes the records beside `path` and puts them in place by a rename, so that a half-written file is never seen. */
export async function writePixelCache(path: string, key: string, records: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'w');
  try {
    const hash = createHash('sha256');
    let at = headerBytes;
    for await (const bytes of records) {
      hash.update(bytes);
      await file.write(bytes, 0, bytes.length, at);
      at += bytes.length;
    }
    await file.write(header(key, hash.digest('hex')), 0, headerBytes, 0);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (cause) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw cause;
  }
}
