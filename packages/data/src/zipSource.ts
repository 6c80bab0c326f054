import { open } from 'node:fs/promises';
import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { isSpatialGANError, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { type ImageSource, isImageName, sortNames } from './imageSource.js';
import { ReadAheadReader } from './readAheadReader.js';
import { readZipEntry } from './zipEntry.js';

const mebi = 2 ** 20;
const maxImageBytes = 128 * mebi;
const maxJsonBytes = 512 * mebi;
const maxRatio = 200;

const refusal = (file: string, reason: string, cause?: unknown): SpatialGANError =>
  new SpatialGANError('DATA', `zipDataset: ${file} is refused: ${reason}`, { cause });

/** Images hardly shrink in a zip, so an entry that unpacks to many times its size was made to harm. */
function assertNoBomb(file: string, { fileName, compressedSize, uncompressedSize }: Entry): void {
  const limit = fileName === 'dataset.json' ? maxJsonBytes : maxImageBytes;
  if (uncompressedSize > limit) {
    throw refusal(file, `${fileName} would unpack to ${uncompressedSize} bytes, more than the limit of ${limit}`);
  }
  if (compressedSize > limit) throw refusal(file, `${fileName} takes ${compressedSize} bytes, more than the limit of ${limit}`);
  if (uncompressedSize > mebi && uncompressedSize > maxRatio * compressedSize) {
    throw refusal(file, `${fileName} would unpack to ${uncompressedSize} bytes from ${compressedSize}, more than ${maxRatio} times as much`);
  }
}

/** The archive's own list of entries that matter here; every name and size in it is checked. */
async function listEntries(file: string, zip: ZipFile, signal: AbortSignal | undefined): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    throwIfAborted(signal, 'zipDataset');
    const name = entry.fileName;
    if (name.includes('\0')) throw refusal(file, `the name ${JSON.stringify(name)} is invalid`);
    if (name !== 'dataset.json' && !isImageName(name)) continue;
    assertNoBomb(file, entry);
    if (entries.has(name)) throw refusal(file, `it holds ${name} twice`);
    entries.set(name, entry);
  }
  return entries;
}

interface OpenZip {
  readonly zip: ZipFile;
  read(entry: Entry): Promise<Uint8Array>;
}

async function openZip(file: string): Promise<OpenZip> {
  const handle = await open(file);
  const reader = new ReadAheadReader(handle);
  try {
    const { size } = await handle.stat();
    const zip = await fromRandomAccessReaderPromise(reader, size, { autoClose: false });
    return {
      zip,
      async read(entry) {
        // What is being read when the archive is closed is read to its end.
        reader.ref();
        return readZipEntry(zip, handle, entry).finally(() => reader.unref());
      },
    };
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

/** The image files of a zip; the archive stays open until dispose(). */
export async function zipSource(file: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ImageSource> {
  const { zip, read: readEntry } = await openZip(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new SpatialGANError('DATA', `zipDataset: there is no file ${file}`, { cause });
    if (cause.code === 'EISDIR') throw new SpatialGANError('DATA', `zipDataset: ${file} is a folder; use folderDataset`, { cause });
    throw refusal(file, `it is no whole zip file (${cause.message}); download or pack it again`, cause);
  });
  let isOpen = true;
  const dispose = (): void => {
    if (isOpen) zip.close();
    isOpen = false;
  };
  try {
    const entries = await listEntries(file, zip, options.signal);
    const json = entries.get('dataset.json');
    const datasetJson = json && Buffer.from(await readEntry(json)).toString('utf8');
    entries.delete('dataset.json');
    const read = async (name: string): Promise<Uint8Array> => {
      if (!isOpen) throw new SpatialGANError('DISPOSED', `zipDataset: ${file} was disposed`);
      return readEntry(entries.get(name)!);
    };
    return { name: file, files: sortNames([...entries.keys()]), datasetJson, read, dispose };
  } catch (cause) {
    dispose();
    if (isSpatialGANError(cause)) throw cause;
    throw refusal(file, (cause as Error).message, cause);
  }
}
