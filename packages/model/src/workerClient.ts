import { SpatialGANError, type ModelRuntime } from '@spatialgan/schema';
import type { MessageEndpoint, WorkerRequest, WorkerResponse, WorkerResults } from './workerMessages.js';

/** Options of {@link createWorkerRuntime}. */
export interface WorkerRuntimeOptions {
  /** Told what loading is doing, in words. */
  readonly onProgress?: (text: string) => void;
}

type Ask = Exclude<WorkerRequest, { type: 'abort' }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

function createChannel(worker: MessageEndpoint, onProgress: (text: string) => void) {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  worker.addEventListener('message', ({ data }) => {
    const response = data as WorkerResponse;
    if ('progress' in response) return onProgress(response.progress);
    const asked = waiting.get(response.id);
    waiting.delete(response.id);
    if (!asked) return;
    if (response.ok) asked.resolve(response.result);
    else if (response.code) asked.reject(new SpatialGANError(response.code, response.message));
    else asked.reject(new Error(response.message));
  });
  return {
    ask<T extends Ask['type']>(
      request: Extract<WithoutId<Ask>, { type: T }>,
      { signal, transfer = [] }: { signal?: AbortSignal | undefined; transfer?: Transferable[] } = {},
    ): Promise<WorkerResults[T]> {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const aborted = (): void => {
          if (!waiting.delete(id)) return;
          worker.postMessage({ id: ++lastId, type: 'abort', target: id } satisfies WorkerRequest);
          reject(new SpatialGANError('ABORTED', `${request.type}: aborted`, { cause: signal?.reason }));
        };
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
        if (signal?.aborted) return aborted();
        signal?.addEventListener('abort', aborted, { once: true });
        worker.postMessage({ ...request, id }, transfer);
      });
    },
    fail(error: Error): void {
      for (const asked of waiting.values()) asked.reject(error);
      waiting.clear();
    },
  };
}

/**
 * A model in a Worker that runs {@link serveRuntime}, seen as a {@link ModelRuntime}.
 *
 * @param worker the caller's; `dispose()` frees the model but does not terminate it.
 * @param bytes a model file; its buffer is transferred and unusable afterwards.
 * @throws SpatialGANError 'CHECKPOINT' when the file is no model, 'BACKEND_UNSUPPORTED' when nothing can compute here.
 */
export async function createWorkerRuntime(
  worker: MessageEndpoint,
  { bytes }: { readonly bytes: ArrayBuffer },
  { onProgress = () => {} }: WorkerRuntimeOptions = {},
): Promise<ModelRuntime> {
  const channel = createChannel(worker, onProgress);
  (worker as Partial<Worker>).addEventListener?.('error', (event) =>
    channel.fail(new Error(`worker: ${event.message || 'its script failed to start'}`)),
  );
  const { info, attention } = await channel.ask({ type: 'load', bytes }, { transfer: [bytes] });
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
    async synthesize(request, { signal } = {}) {
      check('synthesize');
      return channel.ask({ type: 'synthesize', request }, { signal });
    },
    ...(attention
      ? {
          async attention(request) {
            check('attention');
            return channel.ask({ type: 'attention', request });
          },
        }
      : {}),
    async dispose() {
      if (disposed) return;
      disposed = true;
      await channel.ask({ type: 'dispose' });
    },
  };
}
