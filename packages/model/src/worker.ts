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
 * answered one after the other; those aborted while they wait are never computed.
 */
export function serveRuntime(scope: MessageEndpoint, { backends }: ServeRuntimeOptions): void {
  const aborted = new Set<number>();
  let runtime: ModelRuntime | undefined;
  let queue: Promise<void> = Promise.resolve();
  const loaded = (): ModelRuntime => {
    if (!runtime) throw new SpatialGANError('DISPOSED', 'worker: no model is loaded; send one first');
    return runtime;
  };

  const load = async (id: number, bytes: ArrayBuffer): Promise<unknown> => {
    const progress = (text: string): void => scope.postMessage({ id, progress: text } satisfies WorkerResponse);
    progress('reading the model');
    const stored = readModel(new Uint8Array(bytes));
    progress('starting the backend');
    const { backend, reason } = await createRuntime({ prefer: backends });
    await runtime?.dispose();
    runtime = createLocalRuntime(stored, { backend });
    return { info: runtime.info, attention: runtime.attention !== undefined, backendReason: reason };
  };
  const answer = async (request: WorkerRequest): Promise<unknown> => {
    if (aborted.delete(request.id)) throw new SpatialGANError('ABORTED', `${request.type}: aborted`);
    switch (request.type) {
      case 'load':
        return load(request.id, request.bytes);
      case 'sampleLayout':
        return loaded().sampleLayout(request.seed);
      case 'synthesize':
        return loaded().synthesize(request.request);
      case 'attention':
        return loaded().attention?.(request.request) ?? {};
      case 'dispose':
        await runtime?.dispose();
        runtime = undefined;
        return null;
      default:
        return null;
    }
  };
  const respond = async (request: WorkerRequest): Promise<void> => {
    try {
      const result = await answer(request);
      scope.postMessage({ id: request.id, ok: true, result } satisfies WorkerResponse, transferablesOf(result));
    } catch (error) {
      const code = isSpatialGANError(error) ? error.code : null;
      const message = error instanceof Error ? error.message : String(error);
      scope.postMessage({ id: request.id, ok: false, code, message } satisfies WorkerResponse);
    }
  };
  scope.addEventListener('message', ({ data }) => {
    const request = data as WorkerRequest;
    if (request.type === 'abort') {
      aborted.add(request.target);
      return;
    }
    // A macrotask between requests lets aborts that already arrived take effect first.
    queue = queue.then(() => new Promise((resolve) => setTimeout(resolve, 0))).then(() => respond(request));
  });
}
