import type { RgbaImage } from '@spatialgan/schema';
import { encodeGif, encodePng, encodeSequence, enlarge } from '@spatialgan/share';
import type { EncodeJob, FromEncoder, ToEncoder } from './encodeMessages.js';

// Typed as a window by the DOM library; a Worker and its global scope post messages alike.
const page = self as unknown as Worker;
const tell = (message: FromEncoder, transfer: Transferable[] = []): void => page.postMessage(message, transfer);

const next = (): Promise<RgbaImage | undefined> =>
  new Promise((resolve) => {
    page.addEventListener('message', ({ data }: MessageEvent<{ readonly frame: RgbaImage | undefined }>) => resolve(data.frame), { once: true });
    tell({ type: 'next' });
  });

/** Asks for a frame when the one before is encoded, so that a film never lies in memory whole. */
async function* enlarged({ factor, scaling }: EncodeJob): AsyncGenerator<RgbaImage> {
  for (let frame = await next(); frame; frame = await next()) yield enlarge(frame, factor, scaling);
}

async function encode(job: EncodeJob): Promise<Uint8Array<ArrayBuffer>> {
  const frames = enlarged(job);
  const { format, fps, files = {} } = job;
  if (format === 'gif') return encodeGif(frames, { fps });
  if (format === 'zip') return encodeSequence(frames, { fps, files });
  // The one format whose encoder is large.
  if (format === 'webm') return (await import('@spatialgan/share/webm')).encodeWebm(frames, { fps });
  const { value } = await frames.next();
  return encodePng(value as RgbaImage, job.document) as Uint8Array<ArrayBuffer>;
}

page.addEventListener('message', ({ data }: MessageEvent<ToEncoder>) => {
  if (!('job' in data)) return;
  encode(data.job).then(
    (bytes) => tell({ type: 'done', bytes }, [bytes.buffer]),
    (error: unknown) => tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
