import { createRuntime, type Runtime } from '@spatialgan/backends';
import { autoBackends } from '@spatialgan/backends/auto';
import { cpu } from '@spatialgan/backends/cpu';
import { node } from '@spatialgan/backends/node';
import { nodeGpu } from '@spatialgan/backends/node-gpu';
import { wasm } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import { type Backend, SpatialGANError } from '@spatialgan/core';

/** Settings of a backend. */
export interface BackendOptions {
  /** Threads of wasm's kernels. Default: one per core. */
  readonly threads?: number;
}

/** Backends that run in Node, by the name that `--backend` takes. */
export const nodeBackends: Readonly<Record<string, (options?: BackendOptions) => Backend>> = {
  'node-gpu': () => nodeGpu(),
  webgpu: () => webgpu({ allowSoftware: true }),
  node: () => node(),
  wasm: (options) => wasm(options),
  cpu: () => cpu(),
};

export const backendNames = ['auto', ...Object.keys(nodeBackends)] as const;

/**
 * Activates a backend by name; 'auto' takes the best that works.
 *
 * @throws SpatialGANError 'CONFIG' for an unknown name, 'BACKEND_UNSUPPORTED' when it does not run here.
 */
export async function openBackend(name: string, options: BackendOptions = {}): Promise<Runtime> {
  if (name === 'auto') return createRuntime({ prefer: autoBackends() });
  const create = Object.hasOwn(nodeBackends, name) ? nodeBackends[name] : undefined;
  if (!create) throw new SpatialGANError('CONFIG', `--backend: expected one of ${backendNames.join(', ')}, got '${name}'`);
  return createRuntime({ prefer: [create(options)] });
}
