import { parentPort, workerData } from 'node:worker_threads';
import { autoBackends } from '@spatialgan/backends/auto';
import { serveRuntime } from '@spatialgan/model/worker';
import { nodeBackends } from './openBackend.js';

// The thread of `spatialgan edit --server`: a model and its backend, and nothing else.
const { backend } = workerData as { readonly backend: string };
const port = parentPort!;
serveRuntime(
  {
    postMessage: (message, transfer = []) => port.postMessage(message, transfer as never),
    addEventListener: (_type, listener) => void port.on('message', (data: unknown) => listener({ data } as MessageEvent)),
  },
  { backends: backend === 'auto' ? autoBackends() : [nodeBackends[backend]!()] },
);
