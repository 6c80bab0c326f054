import { cpu } from '@spatialgan/backends/cpu';
import { wasm } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import { offerSoftwareVulkan } from '@spatialgan-internal/test-kit/softwareVulkan';

/** Makes a backend current by name; software WebGPU is welcome here: these runs judge values, not speed. */
export async function activateForTests(name: string): Promise<void> {
  if (name === 'webgpu') offerSoftwareVulkan();
  const backends = { cpu, wasm, webgpu: () => webgpu({ allowSoftware: true }) };
  const create = Object.hasOwn(backends, name) ? backends[name as keyof typeof backends] : undefined;
  if (!create) throw new Error(`expected a backend of ${Object.keys(backends).join(', ')}; got '${name}'`);
  const backend = create();
  const reason = await backend.unsupportedReason();
  if (reason) throw new Error(`backend ${name}: ${reason}`);
  await backend.activate();
}
