import { applyPalette, GIFEncoder, quantize } from 'gifenc';
import { type RgbaImage, SpatialGANError, throwIfAborted } from '@spatialgan/schema';
import { breathe, type FilmOptions, type Frames } from './frames.js';

/** Options of {@link encodeGif}. */
export interface GifOptions extends FilmOptions {
  /** Colours of each frame, 2 to 256. Default 256. */
  readonly colors?: number;
  /** Whether it begins again. Default true. */
  readonly loop?: boolean;
}

/** Sizes must be one: no format holds frames of several. */
export function sizeCheck(): (image: RgbaImage) => void {
  let first: RgbaImage | undefined;
  return (image) => {
    first ??= image;
    if (image.width === first.width && image.height === first.height) return;
    throw new SpatialGANError('SHAPE', `frames: expected all of ${first.width}×${first.height}, got ${image.width}×${image.height}`);
  };
}

/**
 * Frames as an animated GIF, each with a palette of its own.
 *
 * GIF counts time in hundredths of a second: the frames' ends are rounded, not their lengths, so that the film keeps its length.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'DATA' without frames.
 */
export async function encodeGif(frames: Frames, { fps = 24, colors = 256, loop = true, signal, onFrame }: GifOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const gif = GIFEncoder();
  const check = sizeCheck();
  const endOf = (frame: number): number => Math.round((100 * frame) / fps);
  let done = 0;
  for await (const image of frames) {
    throwIfAborted(signal, 'encodeGif');
    check(image);
    const palette = quantize(image.pixels, colors);
    const delay = 10 * Math.max(2, endOf(done + 1) - endOf(done));
    gif.writeFrame(applyPalette(image.pixels, palette), image.width, image.height, { palette, delay, ...(done === 0 ? { repeat: loop ? 0 : -1 } : {}) });
    onFrame?.(++done);
    await breathe();
  }
  if (done === 0) throw new SpatialGANError('DATA', 'encodeGif: expected at least one frame, got none');
  gif.finish();
  return gif.bytes();
}
