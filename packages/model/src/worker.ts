import { type Backend, isSpatialGANError, SpatialGANError } from '@spatialgan/core';
import { createRuntime } from '@spatialgan/backends';
import type { ModelRuntime, RgbaImage } from '@spatialgan/schema';
import { createLocalRuntime } from './localRuntime.js';
import { readModel } from './modelFile.js';
import type { MessageEndpoint, WorkerRequest, WorkerResponse } from './workerMessages.js';

/** Options of {@link serveRuntime}. */
export interface ServeRuntimeOptions {
  /** Backends to try, best first. */
  readonly backends: readonly Backend[];
}

const transferablesOf = (result: unknown): Transferable[] => {
  const images = Object.values((result ?? {}) as Record<string, unknown>).concat(result);
  return images.flatMap((image) => {
    const pixels = (image as RgbaImage | null)?.pixels;
    return pixels instanceof Uint8ClampedArray ? [pixels.buffer] : [];
  });
};

/**
 * Answers a client's requests with a model on the best backend that works here.
 *
 * Call it once in a Worker's script: `serveRuntime(self, { backends: [webgpu(), wasm()] })`. Requests are
 * answered one after the other; those aborted while they wait are never computed, a projection stops at its next step.
 */
export function serveRuntime(scope: MessageEndpoint, { backends }: ServeRuntimeOptions): void {
  const asked = new Map<number, AbortController>();
  let runtime: ModelRuntime | undefined;
  let queue: Promise<void> = Promise.resolve();
  const loaded = (): ModelRuntime => {
    if (!runtime) throw new SpatialGANError('DISPOSED', 'worker: no model is loaded; send one first');
    return runtime;
  };
  const tell = (response: WorkerResponse, transfer: Transferable[] = []): void => scope.postMessage(response, transfer);

  const load = async (id: number, bytes: ArrayBuffer): Promise<unknown> => {
    tell({ id, progress: 'reading the model' });
    const stored = readModel(new Uint8Array(bytes));
    tell({ id, progress: 'starting the backend' });
    const { backend, reason, lost } = await createRuntime({ prefer: backends });
    await runtime?.dispose();
    runtime = createLocalRuntime(stored, { backend, lost });
    return { info: runtime.info, attention: runtime.attention !== undefined, project: runtime.project !== undefined, backendReason: reason };
  };
  const answer = async (request: WorkerRequest, signal: AbortSignal): Promise<unknown> => {
    if (signal.aborted) throw new SpatialGANError('ABORTED', `${request.type}: aborted`);
    switch (request.type) {
      case 'load':
        return load(request.id, request.bytes);
      case 'sampleLayout':
        return loaded().sampleLayout(request.seed);
      case 'synthesize':
        return loaded().synthesize(request.request, { signal, ...(request.quality && { quality: request.quality }) });
      case 'attention':
        return loaded().attention?.(request.request) ?? {};
      case 'project':
        return loaded().project?.(request.photo, {
          signal, onProgress: (progress) => tell({ id: request.id, progress }), ...(request.steps === undefined ? {} : { steps: request.steps }),
        });
      case 'dispose':
        await runtime?.dispose();
        runtime = undefined;
        return null;
      default:
        return null;
    }
  };
  const respond = async (request: WorkerRequest, signal: AbortSignal): Promise<void> => {
    try {
      const result = await answer(request, signal);
      tell({ id: request.id, ok: true, result }, transferablesOf(result));
    } catch (error) {
      const code = isSpatialGANError(error) ? error.code : null;
      const message = error instanceof Error ? error.message : String(error);
      tell({ id: request.id, ok: false, code, message });
    } finally {
      asked.delete(request.id);
    }
  };
  scope.addEventListener('message', ({ data }) => {
    const request = data as WorkerRequest;
    if (request.type === 'abort') {
      asked.get(request.target)?.abort();
      return;
    }
    const controller = new AbortController();
    asked.set(request.id, controller);
    // Whoever disposes does not wait for what it no longer wants.
    if (request.type === 'dispose') for (const [id, other] of asked) if (id !== request.id) other.abort();
    // A macrotask between requests lets aborts that already arrived take effect first.
    queue = queue.then(() => new Promise((resolve) => setTimeout(resolve, 0))).then(() => respond(request, controller.signal));
  });
}
