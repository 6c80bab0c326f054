import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import type { FileHandle } from 'node:fs/promises';
import type { Entry, ZipFile } from 'yauzl';

const inflate = promisify(inflateRaw);
const [stored, deflated] = [0, 8];

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await handle.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) throw new Error(`it is cut off after ${at} of ${length} bytes`);
    at += bytesRead;
  }
  return bytes;
}

async function unpacked(packed: Buffer, size: number): Promise<Buffer> {
  const bytes = await inflate(packed, { maxOutputLength: Math.max(1, size) }).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ERR_BUFFER_TOO_LARGE' ? new Error(`it unpacks to more than the ${size} bytes that it states`, { cause }) : cause;
  });
  if (bytes.length !== size) throw new Error(`it is cut off after ${bytes.length} of ${size} bytes`);
  return bytes;
}

/**
 * The bytes of an archive's entry, two reads and no stream: it fits in memory, its sizes were checked before.
 *
 * @throws Error when it is encrypted, packed in another way than deflate, cut off or not what its checksum says.
 */
export async function readZipEntry(zip: ZipFile, handle: FileHandle, entry: Entry): Promise<Uint8Array> {
  const { compressionMethod: method, compressedSize, uncompressedSize } = entry;
  if (entry.isEncrypted()) throw new Error('it is encrypted');
  if (method !== stored && method !== deflated) throw new Error(`it is packed by method ${method}, neither stored nor deflated`);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = await bytesAt(handle, fileDataStart, compressedSize);
  const bytes = method === stored ? packed : await unpacked(packed, uncompressedSize);
  if (crc32(bytes) !== entry.crc32) throw new Error('its checksum is wrong');
  return bytes;
}
