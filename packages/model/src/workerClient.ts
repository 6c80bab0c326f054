import { SpatialGANError, type ModelRuntime, type ProjectionProgress } from '@spatialgan/schema';
import type { MessageEndpoint, WorkerRequest, WorkerResponse, WorkerResults } from './workerMessages.js';

/** Options of {@link createWorkerRuntime}. */
export interface WorkerRuntimeOptions {
  /** Told what loading is doing, in words. */
  readonly onProgress?: (text: string) => void;
  /** Resolves to the reason when the worker is no more, e.g. at its 'exit' in Node; see `workerEnd` for browsers. */
  readonly ended?: Promise<string>;
}

type Ask = Exclude<WorkerRequest, { type: 'abort' }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly transfer?: Transferable[];
  readonly onProgress?: ((progress: string | ProjectionProgress) => void) | undefined;
}
interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly onProgress: AskOptions['onProgress'];
}

const lostWorker = (reason: string): SpatialGANError => new SpatialGANError('BACKEND_LOST', `worker: ${reason}; open the model again`);

function createChannel(worker: MessageEndpoint) {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let lost: SpatialGANError | undefined;
  worker.addEventListener('message', ({ data }) => {
    const response = data as WorkerResponse;
    const asked = waiting.get(response.id);
    if ('progress' in response) return asked?.onProgress?.(response.progress);
    waiting.delete(response.id);
    if (!asked) return;
    if (response.ok) asked.resolve(response.result);
    else if (response.code) asked.reject(new SpatialGANError(response.code, response.message));
    else asked.reject(new Error(response.message));
  });
  return {
    ask<T extends Ask['type']>(
      request: Extract<WithoutId<Ask>, { type: T }>,
      { signal, transfer = [], onProgress }: AskOptions = {},
    ): Promise<WorkerResults[T]> {
      const id = ++lastId;
      return new Promise((settle, fail) => {
        const aborted = (): void => {
          if (!waiting.delete(id)) return;
          worker.postMessage({ id: ++lastId, type: 'abort', target: id } satisfies WorkerRequest);
          fail(new SpatialGANError('ABORTED', `${request.type}: aborted`, { cause: signal?.reason }));
        };
        const done = <A>(then: (value: A) => void) => (value: A): void => {
          signal?.removeEventListener('abort', aborted);
          then(value);
        };
        if (lost) return fail(lost);
        waiting.set(id, { resolve: done(settle as (result: unknown) => void), reject: done(fail), onProgress });
        if (signal?.aborted) return aborted();
        signal?.addEventListener('abort', aborted, { once: true });
        worker.postMessage({ ...request, id }, transfer);
      });
    },
    /** Ends what waits, and refuses what is still asked. */
    fail(error: SpatialGANError): void {
      lost ??= error;
      for (const asked of waiting.values()) asked.reject(error);
      waiting.clear();
    },
  };
}

/** Listens for what an uncaught error in the worker, or its end, means to those who wait for answers. */
function watch(worker: MessageEndpoint, ended: Promise<string> | undefined, fail: (error: SpatialGANError) => void): void {
  const onError = (event: { message?: string }): void => fail(lostWorker(event.message || 'its script failed to start'));
  (worker as Partial<Worker>).addEventListener?.('error', onError);
  void ended?.then((reason) => fail(lostWorker(reason)));
}

/**
 * A model in a Worker that runs `serveRuntime`, seen as a {@link ModelRuntime}.
 *
 * @param worker the caller's; `dispose()` frees the model but does not terminate it.
 * @param bytes a model file; its buffer is transferred and unusable afterwards.
 * @throws SpatialGANError 'CHECKPOINT' when the file is no model, 'BACKEND_UNSUPPORTED' when nothing can compute here.
 */
export async function createWorkerRuntime(
  worker: MessageEndpoint,
  { bytes }: { readonly bytes: ArrayBuffer },
  { onProgress, ended }: WorkerRuntimeOptions = {},
): Promise<ModelRuntime> {
  const channel = createChannel(worker);
  watch(worker, ended, channel.fail);
  const { info, attention, project } = await channel.ask({ type: 'load', bytes }, {
    transfer: [bytes], onProgress: (text) => typeof text === 'string' && onProgress?.(text),
  });
  let disposed = false;
  const check = (where: string): void => {
    if (disposed) throw new SpatialGANError('DISPOSED', `${where}: the model is disposed; load it again`);
  };
  return {
    info,
    async sampleLayout(seed) {
      check('sampleLayout');
      return channel.ask({ type: 'sampleLayout', seed });
    },
    async synthesize(request, { signal, quality } = {}) {
      check('synthesize');
      return channel.ask({ type: 'synthesize', request, quality }, { signal });
    },
    ...(attention
      ? {
          async attention(request) {
            check('attention');
            return channel.ask({ type: 'attention', request });
          },
        }
      : {}),
    ...(project
      ? {
          async project(photo, { steps, signal, onProgress: onStep } = {}) {
            check('project');
            return channel.ask({ type: 'project', photo, steps }, { signal, onProgress: (progress) => typeof progress !== 'string' && onStep?.(progress) });
          },
        }
      : {}),
    async dispose() {
      if (disposed) return;
      disposed = true;
      await channel.ask({ type: 'dispose' }).catch((error: SpatialGANError) => {
        // A worker that is gone holds nothing more to free.
        if (error.code !== 'BACKEND_LOST') throw error;
      });
    },
  };
}
