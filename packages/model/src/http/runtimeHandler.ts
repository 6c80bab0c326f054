import {
  isSpatialGANError, type ModelRuntime, type ProjectionProgress, requestFromJson, requestToJson, SpatialGANError, type SpatialGANErrorCode,
} from '@spatialgan/schema';
import { decodeImages, encodeImages } from './imageBody.js';
import { readBody } from './readBody.js';

/** Limits of {@link createRuntimeHandler}. */
export interface RuntimeHandlerOptions {
  /** Largest body of a request. Default 4 MiB. */
  readonly maxBodyBytes?: number;
  /** Requests that may be under way at a time; more are answered 503. Default 32. */
  readonly maxPending?: number;
  /** Longest time for an image or a layout. Default 60 s. */
  readonly timeoutMs?: number;
  /** Longest time for a projection. Default 10 min. */
  readonly projectTimeoutMs?: number;
  /** Most steps of a projection. Default 2000. */
  readonly maxProjectionSteps?: number;
}

/** Answers requests of the fetch standard; `request.signal` fires when the client has gone. */
export type RuntimeHandler = (request: Request) => Promise<Response>;

const STATUS: Partial<Record<SpatialGANErrorCode, number>> = {
  LAYOUT: 400, DATA: 400, SHAPE: 400, CONFIG: 400, ABORTED: 499, DISPOSED: 410, BACKEND_LOST: 503, BACKEND_UNSUPPORTED: 501,
};
const JSON_TYPE = { 'Content-Type': 'application/json' };

const json = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(value), { status, headers: { ...JSON_TYPE, ...headers } });
const failed = (error: unknown): { code: string | null; message: string } =>
  isSpatialGANError(error) ? { code: error.code, message: error.message } : { code: null, message: 'the server failed; its console says why' };

function errorResponse(error: unknown): Response {
  return json(failed(error), isSpatialGANError(error) ? (STATUS[error.code] ?? 500) : 500);
}

/** Headers of JSON or image bodies only: a form of another page cannot send them without asking first. */
const TYPES: Readonly<Record<string, string>> = { synthesize: 'application/json', attention: 'application/json', project: 'application/octet-stream' };

/**
 * Serves a runtime over HTTP, on any server that speaks the fetch standard; {@link createHttpRuntime} is its client.
 *
 * The last segment of the path says what is asked: GET `info`, GET `layout?seed=1`, POST `synthesize` (`?quality=preview` in a hurry), `attention`, `project`.
 * Who may ask (Host, Origin, rate) is the host's to decide; the runtime stays the caller's.
 */
export function createRuntimeHandler(runtime: ModelRuntime, options: RuntimeHandlerOptions = {}): RuntimeHandler {
  const { maxBodyBytes = 4 << 20, maxPending = 32, timeoutMs = 60_000, projectTimeoutMs = 600_000 } = options;
  let pending = 0;

  const limited = async <T>(request: Request, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const timeout = AbortSignal.timeout(ms);
    const signal = AbortSignal.any([request.signal, timeout]);
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () =>
        reject(timeout.aborted ? new SpatialGANError('BACKEND_LOST', `server: no answer within ${ms / 1000} s`) : new SpatialGANError('ABORTED', 'server: aborted')), { once: true });
    });
    return Promise.race([work(signal), ended]);
  };
  const requestOf = async (request: Request) => {
    const text = new TextDecoder().decode(await readBody(request, maxBodyBytes));
    try {
      return requestFromJson(JSON.parse(text));
    } catch (error) {
      if (isSpatialGANError(error)) throw error;
      throw new SpatialGANError('DATA', 'request: expected JSON', { cause: error });
    }
  };
  const images = (record: Parameters<typeof encodeImages>[0]): Response =>
    new Response(encodeImages(record), { headers: { 'Content-Type': 'application/octet-stream' } });

  async function project(request: Request, url: URL): Promise<Response> {
    const photo = decodeImages(await readBody(request, maxBodyBytes))['photo'];
    if (!photo) throw new SpatialGANError('DATA', "project: expected an image named 'photo'");
    const steps = numberOf(url, 'steps', options.maxProjectionSteps ?? 2000);
    return new Response(projectionLines((onProgress) =>
      limited(request, projectTimeoutMs, (signal) => runtime.project!(photo, { ...(steps === undefined ? {} : { steps }), signal, onProgress })),
    ), { headers: { 'Content-Type': 'application/x-ndjson' } });
  }
  async function answer(request: Request, url: URL, what: string): Promise<Response> {
    switch (what) {
      case 'info':
        return json({ info: runtime.info, attention: runtime.attention !== undefined, project: runtime.project !== undefined });
      case 'layout':
        return json(await limited(request, timeoutMs, () => runtime.sampleLayout(numberOf(url, 'seed') ?? 0)));
      case 'synthesize': {
        const asked = await requestOf(request);
        const quality = qualityOf(url);
        return images({ image: await limited(request, timeoutMs, (signal) => runtime.synthesize(asked, { signal, quality })) });
      }
      case 'attention': {
        const asked = await requestOf(request);
        return images(await limited(request, timeoutMs, () => runtime.attention!(asked)));
      }
      default:
        return project(request, url);
    }
  }
  return async (request) => {
    const url = new URL(request.url);
    const what = url.pathname.split('/').pop() ?? '';
    const type = TYPES[what];
    const known = what === 'info' || what === 'layout' || what === 'synthesize' || (what === 'attention' && runtime.attention) || (what === 'project' && runtime.project);
    if (!known) return json({ code: null, message: 'not found' }, 404);
    if (request.method !== (type ? 'POST' : 'GET')) return json({ code: null, message: `expected ${type ? 'POST' : 'GET'}` }, 405);
    if (type && request.headers.get('Content-Type')?.split(';')[0] !== type) return json({ code: 'DATA', message: `expected ${type}` }, 415);
    if (pending >= maxPending) return json({ code: null, message: 'the server is busy; try again in a second' }, 503, { 'Retry-After': '1' });
    pending++;
    try {
      return await answer(request, url, what);
    } catch (error) {
      return isSpatialGANError(error, 'DATA') && /larger than/.test(error.message) ? json(failed(error), 413) : errorResponse(error);
    } finally {
      pending--;
    }
  };
}

function qualityOf(url: URL): 'preview' | 'final' {
  const text = url.searchParams.get('quality') ?? 'final';
  if (text !== 'preview' && text !== 'final') throw new SpatialGANError('DATA', `quality: expected preview or final, got '${text.slice(0, 20)}'`);
  return text;
}

function numberOf(url: URL, name: string, max = Number.MAX_SAFE_INTEGER): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) throw new SpatialGANError('DATA', `${name}: expected a whole number up to ${max}, got '${text.slice(0, 20)}'`);
  return value;
}

const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
};

/** A line of JSON per step of a projection, the last one its result or its error. */
function projectionLines(run: (onProgress: (progress: ProjectionProgress) => void) => ReturnType<NonNullable<ModelRuntime['project']>>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      const line = (value: unknown): void => controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      try {
        const { request, image, psnr } = await run(({ image: preview, ...progress }) => {
          line({ progress: { ...progress, ...(preview ? { images: toBase64(encodeImages({ image: preview })) } : {}) } });
        });
        line({ result: { request: requestToJson(request), psnr, images: toBase64(encodeImages({ image })) } });
      } catch (error) {
        try {
          line({ error: failed(error) });
        } catch {
          // The client has gone, and with it the one whom the error concerns.
          return;
        }
      }
      controller.close();
    },
  });
}
