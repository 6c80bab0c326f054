import { createWorkerRuntime } from '@spatialgan/model/worker-client';

/** The trained model beside the page, computing in a Worker. */
export async function loadModel() {
  const bytes = await fetch('./model.safetensors').then((response) => response.arrayBuffer());
  return createWorkerRuntime(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }), { bytes });
}
