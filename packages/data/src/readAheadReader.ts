import type { FileHandle } from 'node:fs/promises';
import { RandomAccessReader } from 'yauzl';

/** Read at once where reading goes on in order, as it does through an archive's list of entries. */
const aheadBytes = 2 ** 20;

interface Piece {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly length: number;
  readonly position: number;
}
type Done = (error: Error | null, bytesRead?: number) => void;

/**
 * A file for yauzl, which asks for two small pieces per entry of an archive's list: pieces in order come from one
 * large read, others are read as they are. Owns the handle and closes it after the last `unref`. Gives no streams.
 */
export class ReadAheadReader extends RandomAccessReader {
  // yauzl's types leave these out.
  declare readonly ref: () => void;
  declare readonly unref: () => void;
  #ahead = { start: 0, bytes: Buffer.alloc(0) };
  #end = 0;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    super();
    this.#handle = handle;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: Done): void {
    const inOrder = position === this.#end && length < aheadBytes;
    this.#end = position + length;
    const { start, bytes } = this.#ahead;
    if (position >= start && position + length <= start + bytes.length) {
      const copied = bytes.copy(buffer, offset, position - start, position - start + length);
      // Later, since yauzl expects an answer only once this call has returned.
      return process.nextTick(callback, null, copied);
    }
    this.#fill(inOrder, { buffer, offset, length, position }).then((bytesRead) => callback(null, bytesRead), callback);
  }

  async #fill(ahead: boolean, { buffer, offset, length, position }: Piece): Promise<number> {
    if (!ahead) return (await this.#handle.read(buffer, offset, length, position)).bytesRead;
    const { bytesRead, buffer: block } = await this.#handle.read(Buffer.allocUnsafe(aheadBytes), 0, aheadBytes, position);
    this.#ahead = { start: position, bytes: block.subarray(0, bytesRead) };
    return this.#ahead.bytes.copy(buffer, offset, 0, length);
  }

  override close(callback: Done): void {
    this.#handle.close().then(() => callback(null), callback);
  }
}
