import { strToU8, Zip, ZipPassThrough } from 'fflate';
import { SpatialGANError, throwIfAborted } from '@spatialgan/schema';
import { breathe, type FilmOptions, type Frames, sizeCheck } from './frames.js';
import { encodePng } from './png.js';

/** Options of {@link encodeSequence}. */
export interface SequenceOptions extends FilmOptions {
  /** Further files, by name, as text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** 1980 is where zip's calendar begins; a fixed date makes equal films equal files. */
const DATE = new Date(1980, 0, 1);

/**
 * Frames as PNG files `frame-0001.png` … in a zip, with a `film.json` that says how fast they go.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'DATA' without frames.
 */
export async function encodeSequence(frames: Frames, { fps = 24, files = {}, signal, onFrame }: SequenceOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk.slice());
  });
  const add = (name: string, bytes: Uint8Array): void => {
    // PNG is deflated already.
    const file = new ZipPassThrough(name);
    file.mtime = DATE;
    zip.add(file);
    file.push(bytes, true);
  };
  const check = sizeCheck();
  let done = 0;
  for await (const image of frames) {
    throwIfAborted(signal, 'encodeSequence');
    check(image);
    add(`frame-${String(++done).padStart(4, '0')}.png`, encodePng(image));
    onFrame?.(done);
    await breathe();
  }
  if (done === 0) throw new SpatialGANError('DATA', 'encodeSequence: expected at least one frame, got none');
  add('film.json', strToU8(JSON.stringify({ frames: done, fps })));
  for (const [name, text] of Object.entries(files)) add(name, strToU8(text));
  zip.end();
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
