import {
  isSpatialGANError, layoutFromJson, type ModelInfo, type ModelRuntime, type Projection, type ProjectOptions, requestFromJson, requestToJson,
  type RgbaImage, SpatialGANError, type SpatialGANErrorCode, type SynthesisRequest, type SynthesizeOptions, validateLayout,
} from '@spatialgan/schema';
import { decodeImages, encodeImages } from './imageBody.js';
import { readBody } from './readBody.js';

/** Options of {@link createHttpRuntime}. */
export interface HttpRuntimeOptions {
  /** Sent with every request, e.g. an authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /** Largest answer that is read. Default 256 MiB. */
  readonly maxAnswerBytes?: number;
}

const CODES: ReadonlySet<string> = new Set<SpatialGANErrorCode>([
  'SHAPE', 'CONFIG', 'LAYOUT', 'CHECKPOINT', 'DATA', 'BACKEND_UNSUPPORTED', 'BACKEND_LOST', 'NOT_DIFFERENTIABLE', 'ABORTED', 'DISPOSED',
]);
interface Failure {
  readonly code?: unknown;
  readonly message?: unknown;
}
const errorOf = ({ code, message }: Failure, otherwise: string): Error => {
  const text = typeof message === 'string' ? message : otherwise;
  return typeof code === 'string' && CODES.has(code) ? new SpatialGANError(code as SpatialGANErrorCode, text) : new Error(text);
};
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

const countOf = (key: 'labels' | 'previewResolution', value: unknown) => (Number.isInteger(value) && (value as number) > 0 ? { [key]: value as number } : {});

function infoOf(value: unknown): ModelInfo {
  const { name, imgResolution, heatmapResolutions, maxRegions, regionStyles, backend, labels, previewResolution } = (value ?? {}) as Record<string, unknown>;
  const known = typeof name === 'string' && Number.isInteger(imgResolution) && Array.isArray(heatmapResolutions) && Number.isInteger(maxRegions) && typeof regionStyles === 'boolean';
  if (!known) throw new SpatialGANError('DATA', 'server: expected what a model is; is this address a SpatialGAN server?');
  return {
    name, imgResolution: imgResolution as number, heatmapResolutions, maxRegions: maxRegions as number, regionStyles,
    ...countOf('labels', labels), ...countOf('previewResolution', previewResolution), ...(typeof backend === 'string' ? { backend } : {}),
  };
}

function createConnection(base: URL, { headers = {}, fetch: send = fetch, maxAnswerBytes = 256 << 20 }: HttpRuntimeOptions) {
  const closed = new AbortController();
  const disposed = (where: string, cause?: unknown): SpatialGANError =>
    new SpatialGANError('DISPOSED', `${where}: the model is disposed; load it again`, { cause });
  const failure = (where: string, signal: AbortSignal | undefined, cause: unknown): Error => {
    if (closed.signal.aborted) return disposed(where, cause);
    if (signal?.aborted) return new SpatialGANError('ABORTED', `${where}: aborted`, { cause: signal.reason });
    if (isSpatialGANError(cause)) return cause;
    return new SpatialGANError('BACKEND_LOST', `${where}: could not reach ${base.href}; is the server running?`, { cause });
  };
  const exchange = async <T>(where: string, path: string, init: RequestInit, read: (response: Response) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    if (closed.signal.aborted) throw disposed(where);
    try {
      const response = await send(new URL(path, base), {
        ...init, headers: { ...headers, ...(init.headers as Record<string, string>) }, signal: signal ? AbortSignal.any([signal, closed.signal]) : closed.signal,
      });
      if (response.ok) return await read(response);
      const failed = await readBody(response, 1 << 16).then((body) => JSON.parse(new TextDecoder().decode(body)) as Failure).catch((): Failure => ({}));
      throw Object.assign(errorOf(failed, `${where}: ${base.href} answered ${response.status} ${response.statusText}`), { isAnswer: true });
    } catch (error) {
      if ((error as { isAnswer?: boolean }).isAnswer && !closed.signal.aborted && !signal?.aborted) throw error;
      throw failure(where, signal, error);
    }
  };
  const body = (response: Response): Promise<Uint8Array<ArrayBuffer>> => readBody(response, maxAnswerBytes);
  const json = async (response: Response): Promise<unknown> => {
    try {
      return JSON.parse(new TextDecoder().decode(await body(response))) as unknown;
    } catch (cause) {
      throw isSpatialGANError(cause) ? cause : new SpatialGANError('DATA', `${base.href}: expected JSON; is this address a SpatialGAN server?`, { cause });
    }
  };
  return { exchange, body, json, close: () => closed.abort() };
}

const post = (type: string, body: BodyInit): RequestInit => ({ method: 'POST', headers: { 'Content-Type': type }, body });

/** Lines of JSON of a stream, as they come. */
async function* linesOf(response: Response): AsyncGenerator<Record<string, unknown>> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line) yield JSON.parse(line) as Record<string, unknown>;
  }
}

async function readProjection(response: Response, { onProgress }: ProjectOptions): Promise<Projection> {
  const imageOf = (images: unknown): RgbaImage => decodeImages(fromBase64(String(images)))['image']!;
  for await (const { progress, result, error } of linesOf(response)) {
    if (error) throw Object.assign(errorOf(error as Failure, 'project: failed'), { isAnswer: true });
    if (progress) {
      const { step, steps, psnr, images } = progress as { step: number; steps: number; psnr: number; images?: string };
      onProgress?.({ step, steps, psnr, ...(images ? { image: imageOf(images) } : {}) });
    }
    if (result) {
      const { request, psnr, images } = result as { request: unknown; psnr: number; images: string };
      return { request: requestFromJson(request), psnr, image: imageOf(images) };
    }
  }
  throw new TypeError('the answer ended early');
}

/**
 * A model behind HTTP ({@link createRuntimeHandler}, `spatialgan edit --server`), seen as a {@link ModelRuntime}.
 *
 * Aborting a request closes its connection, so that the server stops too. `dispose()` ends this client; the server's model stays.
 *
 * @param url where the handler is, e.g. `http://localhost:8642/runtime/`; whether it ends in a slash does not matter.
 * @throws SpatialGANError 'BACKEND_LOST' when nothing answers there, 'DATA' when what answers is no SpatialGAN server.
 */
export async function createHttpRuntime(url: string | URL, options: HttpRuntimeOptions = {}): Promise<ModelRuntime> {
  const base = new URL(url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const { exchange, body, json, close } = createConnection(base, options);
  const about = (await exchange('open', 'info', {}, json)) as { info?: unknown; attention?: boolean; project?: boolean } | null;
  const info = infoOf(about?.info);
  const ask = (where: 'synthesize' | 'attention', request: SynthesisRequest, { signal, quality }: SynthesizeOptions = {}) => {
    // Refused here as a runtime in this thread would: JSON has no NaN, and would lose what was wrong.
    validateLayout(request.layout);
    const path = quality === 'preview' ? `${where}?quality=preview` : where;
    return exchange(where, path, post('application/json', JSON.stringify(requestToJson(request))), async (response) => decodeImages(await body(response)), signal);
  };
  return {
    info,
    sampleLayout: (seed) => exchange('sampleLayout', `layout?seed=${seed}`, {}, async (response) => layoutFromJson(await json(response))),
    async synthesize(request, synthesizeOptions) {
      const { image } = await ask('synthesize', request, synthesizeOptions);
      if (!image) throw new SpatialGANError('DATA', 'synthesize: expected an image in the answer');
      return image;
    },
    ...(about?.attention ? { attention: async (request) => ask('attention', request) } : {}),
    ...(about?.project
      ? {
          project: (photo, projectOptions = {}) =>
            exchange('project', projectOptions.steps === undefined ? 'project' : `project?steps=${projectOptions.steps}`,
              post('application/octet-stream', encodeImages({ photo })), (response) => readProjection(response, projectOptions), projectOptions.signal),
        }
      : {}),
    async dispose() {
      close();
    },
  };
}
