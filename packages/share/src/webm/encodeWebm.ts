import { BufferTarget, Output, VideoSample, VideoSampleSource, WebMOutputFormat } from 'mediabunny';
import { SpatialGANError, throwIfAborted } from '@spatialgan/schema';
import { type FilmOptions, type Frames, sizeCheck } from '../frames.js';
import { webmCodec } from '../webmCodec.js';

/** Options of {@link encodeWebm}. */
export interface WebmOptions extends FilmOptions {
  /** Bits a second. Default: 0.25 for each pixel of each frame. */
  readonly bitrate?: number;
}

const even = (side: number): number => side - (side % 2);

/**
 * Frames as a WebM film, encoded by the browser (WebCodecs). An odd last row or column is cut off: the codecs have none.
 *
 * @throws SpatialGANError 'BACKEND_UNSUPPORTED' where the browser cannot encode, 'ABORTED' when the signal fires, 'DATA' without frames.
 */
export async function encodeWebm(frames: Frames, { fps = 24, bitrate, signal, onFrame }: WebmOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const check = sizeCheck();
  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  let source: VideoSampleSource | undefined;
  let done = 0;
  try {
    for await (const image of frames) {
      throwIfAborted(signal, 'encodeWebm');
      check(image);
      const [width, height] = [even(image.width), even(image.height)];
      if (!source) {
        const codec = await webmCodec(width, height);
        if (!codec) throw new SpatialGANError('BACKEND_UNSUPPORTED', 'encodeWebm: this browser cannot encode WebM; take GIF or the PNG sequence');
        source = new VideoSampleSource({ codec, bitrate: bitrate ?? Math.round(0.25 * width * height * fps), keyFrameInterval: 2 });
        output.addVideoTrack(source, { frameRate: fps });
        await output.start();
      }
      const sample = new VideoSample(cut(image.pixels, image.width, width, height), {
        format: 'RGBA', codedWidth: width, codedHeight: height, timestamp: done / fps, duration: 1 / fps,
      });
      await source.add(sample);
      sample.close();
      done++;
      onFrame?.(done);
    }
    if (!source) throw new SpatialGANError('DATA', 'encodeWebm: expected at least one frame, got none');
    await output.finalize();
  } catch (error) {
    if (source) await output.cancel();
    throw error;
  }
  return new Uint8Array(target.buffer!);
}

function cut(pixels: Uint8ClampedArray<ArrayBuffer>, stride: number, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  if (stride === width) return pixels.subarray(0, 4 * width * height);
  const out = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) out.set(pixels.subarray(4 * y * stride, 4 * (y * stride + width)), 4 * y * width);
  return out;
}
