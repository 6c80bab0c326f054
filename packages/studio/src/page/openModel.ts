import type { ModelRuntime } from '@spatialgan/schema';
import { createHttpRuntime } from '@spatialgan/model/http';
import { createRecoveringRuntime, workerEnd } from '@spatialgan/model/recovery';
import type { ModelStore } from '@spatialgan/model/store';
import { createWorkerRuntime } from '@spatialgan/model/worker-client';
import type { ModelSource } from './modelSources.js';
import type { Words } from './words.js';

/** A model that computes in a Worker of its own or on a server, so that the page stays free. */
export interface OpenModel {
  readonly runtime: ModelRuntime;
  readonly source: ModelSource;
  /** Hash of its file, if it was read here. */
  readonly sha256?: string | undefined;
  /** Frees the model and ends its Worker. */
  close(): Promise<void>;
}

export interface OpenModelOptions {
  readonly store: ModelStore;
  readonly words: Words;
  readonly onProgress: (text: string, share?: number) => void;
  /** Told when the GPU device, the Worker or the server is lost, and when it is back. */
  readonly onRecovery: (state: 'lost' | 'recovered') => void;
}

let workers = 0;

/** Loads a model in a new Worker; the bytes of the Blob stay with the caller for the next one. */
async function openWorker(bytes: Blob, onProgress: (text: string) => void): Promise<ModelRuntime> {
  const name = `spatialgan-${crypto.getRandomValues(new Uint32Array(1))[0]!}-${++workers}`;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name });
  let end = (_reason: string): void => {};
  const ended = new Promise<string>((resolve) => (end = resolve));
  try {
    const runtime = await createWorkerRuntime(worker, { bytes: await bytes.arrayBuffer() }, { onProgress, ended });
    void workerEnd(name).then(end);
    return {
      ...runtime,
      async dispose() {
        // A Worker busy with an image need not finish it first.
        await Promise.race([runtime.dispose(), new Promise((resolve) => setTimeout(resolve, 500))]);
        worker.terminate();
      },
    };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

async function bytesOf(source: Exclude<ModelSource, { kind: 'server' }>, { store, words: { text }, onProgress }: OpenModelOptions): Promise<{ bytes: ArrayBuffer; sha256?: string | undefined }> {
  if (source.kind === 'kept') return store.open(source.key);
  if (source.kind === 'file') {
    onProgress(text('reading', { name: source.name }));
    const bytes = await source.file.arrayBuffer();
    return { bytes, sha256: (await store.keep(source.name, bytes))?.sha256 };
  }
  const megabytes = (n: number): string => (n / 2 ** 20).toFixed(1);
  return store.load(source.url, {
    name: source.name, sha256: source.sha256,
    onProgress: (come, total) => onProgress(total ? text('megabytesOf', { come: megabytes(come), total: megabytes(total) }) : text('megabytes', { come: megabytes(come) }), total && come / total),
  });
}

/** Opens a model where it computes: on its server, or in a Worker here. */
export async function openModel(source: ModelSource, options: OpenModelOptions): Promise<OpenModel> {
  const { onProgress, onRecovery, words } = options;
  if (source.kind === 'server') {
    onProgress(words.text('connecting'));
    const runtime = await createRecoveringRuntime({ open: () => createHttpRuntime(source.url), onRecovery });
    return { runtime, source, close: () => runtime.dispose() };
  }
  const { bytes, sha256 } = await bytesOf(source, options);
  const blob = new Blob([bytes]);
  const runtime = await createRecoveringRuntime({ open: () => openWorker(blob, (progress) => onProgress(words.phrase(progress))), onRecovery });
  return { runtime, source, sha256, close: () => runtime.dispose() };
}
