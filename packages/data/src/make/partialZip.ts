import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { centralDirectory, localHeader, type StoredEntry, storedSize } from './zipRecords.js';

/** An archive that is being written, in a file of another name than it will have. */
export interface PartialZip {
  readonly path: string;
  /** Adds a file at the end. */
  append(name: string, data: Uint8Array): Promise<StoredEntry>;
  /** Waits until the disk has what was added. */
  sync(): Promise<void>;
  /** Adds the list of entries; the archive is whole then. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const chunkBytes = 2 ** 20;

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

/** Opens an archive to add to; of what its file holds, only `entries` stay. */
export async function openPartialZip(path: string, entries: readonly StoredEntry[]): Promise<PartialZip> {
  const file = await open(path, entries.length > 0 ? 'r+' : 'w');
  const kept = [...entries];
  let end = kept.reduce((sum, entry) => sum + storedSize(entry), 0);
  await file.truncate(end);
  return {
    path,
    async append(name, data) {
      const entry = { name, size: data.length, crc: crc32(data) };
      await writeAll(file, Buffer.concat([localHeader(entry), data]), end);
      end += storedSize(entry);
      kept.push(entry);
      return entry;
    },
    sync: () => file.datasync(),
    async finish() {
      let at = end;
      let chunk: Buffer[] = [];
      let size = 0;
      const flush = async (): Promise<void> => {
        await writeAll(file, Buffer.concat(chunk), at);
        at += size;
        [chunk, size] = [[], 0];
      };
      for (const part of centralDirectory(kept)) {
        chunk.push(part);
        size += part.length;
        if (size >= chunkBytes) await flush();
      }
      await flush();
      await file.sync();
    },
    close: () => file.close(),
  };
}

/** How many of `entries`, from the first on, the file holds unharmed. */
export async function countWhole(path: string, entries: readonly StoredEntry[]): Promise<number> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return 0;
  try {
    let at = 0;
    for (const [i, entry] of entries.entries()) {
      const bytes = Buffer.alloc(storedSize(entry));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
      const header = localHeader(entry);
      const isWhole = bytesRead === bytes.length && bytes.subarray(0, header.length).equals(header) && crc32(bytes.subarray(header.length)) === entry.crc;
      if (!isWhole) return i;
      at += bytes.length;
    }
    return entries.length;
  } finally {
    await file.close();
  }
}
