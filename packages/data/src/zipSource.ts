import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { isSpatialGANError, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { type ImageSource, isImageName, sortNames } from './imageSource.js';

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

async function readEntry(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  if (entry.isEncrypted()) throw new Error('it is encrypted');
  const bytes = Buffer.alloc(entry.uncompressedSize);
  let at = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    at += (chunk as Buffer).copy(bytes, at);
  }
  if (at !== bytes.length) throw new Error(`it is cut off after ${at} of ${bytes.length} bytes`);
  if (crc32(bytes) !== entry.crc32) throw new Error('its checksum is wrong');
  return bytes;
}

/** The image files of a zip; the archive stays open until dispose(). */
export async function zipSource(file: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ImageSource> {
  const zip = await openPromise(file, { autoClose: false }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw new SpatialGANError('DATA', `zipDataset: there is no file ${file}`, { cause });
    if (cause.code === 'EISDIR') throw new SpatialGANError('DATA', `zipDataset: ${file} is a folder; use folderDataset`, { cause });
    throw refusal(file, `it is no whole zip file (${cause.message}); download or pack it again`, cause);
  });
  let open = true;
  const dispose = (): void => {
    if (open) zip.close();
    open = false;
  };
  try {
    const entries = await listEntries(file, zip, options.signal);
    const json = entries.get('dataset.json');
    const datasetJson = json && Buffer.from(await readEntry(zip, json)).toString('utf8');
    entries.delete('dataset.json');
    const read = async (name: string): Promise<Uint8Array> => {
      if (!open) throw new SpatialGANError('DISPOSED', `zipDataset: ${file} was disposed`);
      return readEntry(zip, entries.get(name)!);
    };
    return { name: file, files: sortNames([...entries.keys()]), datasetJson, read, dispose };
  } catch (cause) {
    dispose();
    if (isSpatialGANError(cause)) throw cause;
    throw refusal(file, (cause as Error).message, cause);
  }
}
