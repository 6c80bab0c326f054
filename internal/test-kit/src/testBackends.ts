import { offerSoftwareVulkan } from './softwareVulkan.js';

/** A way to run ops in tests. */
export interface TestBackend {
  readonly name: string;
  /** null when it can run here, else why not. */
  unsupportedReason(): Promise<string | null>;
  activate(): Promise<void>;
}

async function stock(name: 'cpu' | 'wasm'): Promise<void> {
  const [{ ready, setBackend }, { registerGradients }] = await Promise.all([
    import('@tensorflow/tfjs-core'), import('@spatialgan/ops'),
    name === 'cpu' ? import('@tensorflow/tfjs-backend-cpu') : import('@tensorflow/tfjs-backend-wasm'),
  ]);
  await setBackend(name);
  await ready();
  registerGradients();
}

async function webgpuBackend() {
  offerSoftwareVulkan();
  const { webgpu } = await import('@spatialgan/backends/webgpu');
  return webgpu({ allowSoftware: true });
}

/** Backends on libtensorflow, where somebody has installed it. */
const nodeBackends = (): readonly TestBackend[] =>
  ([['node', () => import('@spatialgan/backends/node').then(({ node }) => node())],
    ['node-gpu', () => import('@spatialgan/backends/node-gpu').then(({ nodeGpu }) => nodeGpu())]] as const).map(([name, create]) => ({
    name,
    unsupportedReason: async () => (await create()).unsupportedReason(),
    activate: async () => void (await (await create()).activate()),
  }));

/**
 * The backends that ops are tested on: plain JavaScript, wasm with tfjs's kernels only (our plain forms), wasm with our
 * kernels, webgpu where an adapter is found (software counts: values are judged, not speed), and libtensorflow where it is
 * installed.
 */
export const testBackends: readonly TestBackend[] = [
  { name: 'cpu', unsupportedReason: async () => null, activate: () => stock('cpu') },
  { name: 'wasm-plain', unsupportedReason: async () => null, activate: () => stock('wasm') },
  {
    name: 'wasm',
    unsupportedReason: async () => null,
    activate: async () => {
      const { wasm } = await import('@spatialgan/backends/wasm');
      await wasm().activate();
    },
  },
  {
    name: 'webgpu',
    unsupportedReason: async () => {
      try {
        return await (await webgpuBackend()).unsupportedReason();
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    activate: async () => {
      await (await webgpuBackend()).activate();
    },
  },
  ...nodeBackends(),
];
