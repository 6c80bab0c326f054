import { type RgbaImage, SpatialGANError } from '@spatialgan/schema';
import type { EncodeJob, FromEncoder, ToEncoder } from './encodeMessages.js';

export interface EncodeOptions {
  readonly signal?: AbortSignal;
  /** Told how many frames are encoded. */
  readonly onFrame?: (done: number) => void;
}

/**
 * Makes a file of frames in a Worker of its own, so that the page stays free: enlarging and encoding take longer than a frame of the screen.
 *
 * @throws what the frames throw, SpatialGANError 'ABORTED', 'DATA' when they cannot be encoded.
 */
export async function encodeInWorker(job: EncodeJob, frames: AsyncIterable<RgbaImage>, { signal, onFrame }: EncodeOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const worker = new Worker(new URL('./encodeWorker.ts', import.meta.url), { type: 'module' });
  const source = frames[Symbol.asyncIterator]();
  let given = 0;
  try {
    return await new Promise((resolve, reject) => {
      const fail = (message: string): void => reject(new SpatialGANError('DATA', message));
      const give = async (): Promise<void> => {
        if (given > 0) onFrame?.(given);
        const { value, done } = await source.next();
        given++;
        worker.postMessage({ frame: done ? undefined : (value as RgbaImage) } satisfies ToEncoder);
      };
      signal?.addEventListener('abort', () => reject(new SpatialGANError('ABORTED', 'export: aborted', { cause: signal.reason })), { once: true });
      worker.addEventListener('error', (event) => fail(event.message || 'export: the encoder failed to start'));
      worker.addEventListener('message', ({ data }: MessageEvent<FromEncoder>) => {
        if (data.type === 'next') give().catch(reject);
        else if (data.type === 'done') resolve(data.bytes);
        else fail(data.message);
      });
      worker.postMessage({ job } satisfies ToEncoder);
    });
  } finally {
    worker.terminate();
    void source.return?.();
  }
}

/** One image as frames. */
export async function* single(image: RgbaImage): AsyncGenerator<RgbaImage> {
  yield image;
}
