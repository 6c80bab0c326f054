import type { ModelRuntime } from '@spatialgan/schema';
import { createWorkerRuntime } from '@spatialgan/model/worker-client';

/** A model that computes in a Worker of its own, so that the page stays free. */
export interface OpenModel {
  readonly runtime: ModelRuntime;
  /** Frees the model and ends its Worker. */
  close(): Promise<void>;
}

/** Loads a model file's bytes in a new Worker; the buffer is handed over. */
export async function openModel(bytes: ArrayBuffer, onProgress: (text: string) => void): Promise<OpenModel> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'spatialgan' });
  try {
    const runtime = await createWorkerRuntime(worker, { bytes }, { onProgress });
    return {
      runtime,
      async close() {
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
