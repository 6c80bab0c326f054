import type { ModelRuntime } from '@spatialgan/schema';
import { createRecoveringRuntime } from '@spatialgan/model/recovery';
import { createWorkerRuntime } from '@spatialgan/model/worker-client';
import { startThread } from './startThread.js';

async function openThread(bytes: Uint8Array, backend: string): Promise<ModelRuntime> {
  const worker = startThread('serverThread', { backend });
  const ended = new Promise<string>((resolve) => {
    worker.once('error', ({ message }) => resolve(message));
    worker.once('exit', (code) => resolve(`the thread ended with code ${code}`));
  });
  const endpoint = {
    postMessage: (message: unknown, transfer: unknown[] = []): void => worker.postMessage(message, transfer as never),
    addEventListener: (type: string, listener: (event: MessageEvent) => void): void => {
      if (type === 'message') worker.on('message', (data: unknown) => listener({ data } as MessageEvent));
    },
  };
  try {
    const runtime = await createWorkerRuntime(endpoint, { bytes: new Uint8Array(bytes).buffer }, { ended });
    return {
      ...runtime,
      async dispose() {
        // A thread busy with an image, or hanging on a lost device, need not finish first.
        await Promise.race([runtime.dispose(), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
        await worker.terminate();
      },
    };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

/** Options of {@link openServerModel}. */
export interface ServerModelOptions {
  /** A model file. */
  readonly bytes: Uint8Array;
  /** As `--backend` takes it. */
  readonly backend: string;
  readonly warn: (text: string) => void;
}

/** A model that computes in a thread of its own: the server stays free to answer, and outlives a lost GPU device or a crash. */
export function openServerModel({ bytes, backend, warn }: ServerModelOptions): Promise<ModelRuntime> {
  return createRecoveringRuntime({
    open: () => openThread(bytes, backend),
    onRecovery: (state, error) => warn(state === 'lost' ? `the model is lost and opened again (${error?.message ?? 'no reason'})` : 'the model is back'),
  });
}
