import { engine, registerBackend } from '@tensorflow/tfjs-core';
import type { GpuAdapter } from './gpuTypes.js';

/** What tfjs asks of a device, and what our kernels use of it where the adapter has it. */
const FEATURES = ['timestamp-query', 'bgra8unorm-storage', 'subgroups', 'shader-f16'];
const LIMITS = [
  'maxComputeWorkgroupStorageSize', 'maxComputeWorkgroupsPerDimension', 'maxStorageBufferBindingSize', 'maxBufferSize', 'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup', 'maxStorageBuffersPerShaderStage',
];

/** Dawn's feature for tensor cores; the device must be made with it. */
export const MATRIX_FEATURE = 'chromium-experimental-subgroup-matrix';

/** tfjs's backend class. */
export type GpuBackendClass = new (device: never, info: never) => object;

/**
 * Lets tfjs make its webgpu backend on a device with the features that our kernels use; its own factory asks for timestamps
 * only. A backend that somebody has initialized before is left as it is.
 *
 * @param adapter finds an adapter anew at each call: one makes one device, and a lost device needs another.
 */
export function offerDevice(WebGPUBackend: GpuBackendClass, adapter: () => Promise<GpuAdapter>, experimental: readonly string[] = []): void {
  const { registry, registryFactory } = engine();
  if ('webgpu' in registry) return;
  delete registryFactory['webgpu'];
  registerBackend('webgpu', async () => {
    const found = await adapter();
    const device = await found.requestDevice({
      requiredFeatures: [...FEATURES, ...experimental].filter((name) => found.features.has(name)),
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, found.limits[name]!])),
    });
    return new WebGPUBackend(device as never, found.info as never) as never;
  }, 3);
}
