// @ts-expect-error -- gifenc ships no types; Gifenc below has the parts that are used.
import * as untyped from 'gifenc';
import { SpatialGANError, throwIfAborted } from '@spatialgan/schema';
import { breathe, type FilmOptions, type Frames, sizeCheck } from './frames.js';

type Palette = number[][];
interface Gifenc {
  GIFEncoder(): {
    /** `delay` in milliseconds; `repeat` of the first frame: 0 = for ever, -1 = once. */
    writeFrame(index: Uint8Array, width: number, height: number, options: { readonly palette: Palette; readonly delay: number; readonly repeat?: number }): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  };
  quantize(rgba: Uint8ClampedArray, maxColors: number): Palette;
  applyPalette(rgba: Uint8ClampedArray, palette: Palette): Uint8Array;
}
/** Node sees its CommonJS build as one default export, bundlers its modules. */
const { applyPalette, GIFEncoder, quantize } = ('GIFEncoder' in untyped ? untyped : (untyped as { default: unknown }).default) as Gifenc;

/** Options of {@link encodeGif}. */
export interface GifOptions extends FilmOptions {
  /** Colours of each frame, 2 to 256. Default 256. */
  readonly colors?: number;
  /** Whether it begins again. Default true. */
  readonly loop?: boolean;
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
    done++;
    onFrame?.(done);
    await breathe();
  }
  if (done === 0) throw new SpatialGANError('DATA', 'encodeGif: expected at least one frame, got none');
  gif.finish();
  return gif.bytes();
}
