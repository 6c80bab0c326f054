import { type Backend, SpatialGANError } from '@spatialgan/core';
import { activateTfjs, assertSupported, currentBackend, optionalPeer } from './activateTfjs.js';
import { inNode } from './builtin.js';
import { hasVulkanLoader } from './vulkanLoader.js';
import type { ConvolutionPrecision } from './webgpu/chooseArithmetic.js';
import { type GpuBackendClass, MATRIX_FEATURE, offerDevice } from './webgpu/device.js';
import type { GpuAdapter, TfjsGpuBackend } from './webgpu/gpuTypes.js';

/** Settings of {@link webgpu}. */
export interface WebgpuOptions {
  /** Take an adapter that computes on the CPU (SwiftShader, llvmpipe) too: right, but slow. Default false. */
  readonly allowSoftware?: boolean;
  /** Our own kernels; false leaves every op to its plain form on tfjs's kernels. Default true. */
  readonly kernels?: boolean;
  /**
   * How our convolutions multiply. 'float16' rounds their factors to 16 bits (relative error about 1e-3; sums and tensors keep
   * 32); 'matrix' does so on tensor cores, by Dawn's experimental feature. Both are tried when the backend is activated, and
   * float32 stays, with a word to `onKernelError`, where the device has them not or gets them wrong. Default 'float32'.
   */
  readonly convolutions?: ConvolutionPrecision;
  /** Told of each kernel that the device's compiler refuses ('BACKEND_UNSUPPORTED'); its op then keeps the plain form. */
  readonly onKernelError?: (error: SpatialGANError) => void;
  /** In Node, options of Dawn's, e.g. 'enable-dawn-features=allow_unsafe_apis'; the first backend of a process decides. */
  readonly dawnOptions?: readonly string[];
}

type Adapter = GpuAdapter;
interface Gpu {
  requestAdapter(options?: { powerPreference?: 'high-performance' }): Promise<Adapter | null>;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;
const description = ({ info }: Adapter): string =>
  [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ') || 'unnamed adapter';
const isSoftware = (adapter: Adapter): boolean => adapter.isFallbackAdapter === true || SOFTWARE.test(description(adapter));

/** In Node the gpu object comes from Dawn; the name is not static, so that bundlers do not follow it. */
async function dawnGpu(options: readonly string[]): Promise<Gpu | string> {
  const name = 'webgpu';
  const dawn = await optionalPeer(
    () => import(/* @vite-ignore */ /* webpackIgnore: true */ name) as Promise<{ create(options: string[]): Gpu; globals: object }>,
  );
  if (!dawn) return "the npm package 'webgpu' is not installed";
  // Dawn would print a warning of its own.
  if (!hasVulkanLoader()) return "no GPU: Vulkan's loader, libvulkan.so.1, is not installed (Debian and Ubuntu: apt-get install libvulkan1, and the GPU's driver)";
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([...options]);
  // tfjs looks for navigator.gpu, and Dawn frees an instance that nothing refers to: this is the reference.
  if (typeof navigator === 'undefined') Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true, writable: true });
  else Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

async function findGpu(dawnOptions: readonly string[] = []): Promise<Gpu | string> {
  const present = typeof navigator === 'undefined' ? undefined : (navigator as unknown as { gpu?: Gpu }).gpu;
  if (present) return present;
  return inNode() ? dawnGpu(dawnOptions) : 'this browser has no WebGPU';
}

async function findAdapter({ allowSoftware = false, dawnOptions }: WebgpuOptions): Promise<Adapter | string> {
  const gpu = await findGpu(dawnOptions);
  if (typeof gpu === 'string') return gpu;
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return 'no GPU adapter was found';
    if (isSoftware(adapter) && !allowSoftware) return `the only adapter is software (${description(adapter)}), slower than wasm`;
    return adapter;
  } catch (error) {
    return `no GPU adapter: ${(error as Error).message}`;
  }
}

async function freshAdapter(options: WebgpuOptions): Promise<Adapter> {
  const adapter = await findAdapter(options);
  if (typeof adapter === 'string') throw new SpatialGANError('BACKEND_UNSUPPORTED', `webgpu: ${adapter}`);
  return adapter;
}

const load = () => optionalPeer(() => import('@tensorflow/tfjs-backend-webgpu'));

/**
 * WebGPU, in browsers and (npm `webgpu`, i.e. Dawn) in Node.
 *
 * Without a GPU, `VK_ICD_FILENAMES` can point Dawn to SwiftShader; that needs `allowSoftware`.
 */
export function webgpu(options: WebgpuOptions = {}): Backend {
  let found: Promise<Adapter | string> | undefined;
  const adapter = (): Promise<Adapter | string> => (found ??= findAdapter(options));
  const unsupportedReason = async (): Promise<string | null> => {
    const result = await adapter();
    if (typeof result === 'string') return result;
    return (await load()) ? null : '@tensorflow/tfjs-backend-webgpu is not installed';
  };
  return {
    name: 'webgpu',
    unsupportedReason,
    activate: async () => {
      assertSupported('webgpu', await unsupportedReason());
      const { WebGPUBackend } = (await load())!;
      offerDevice(WebGPUBackend as unknown as GpuBackendClass, () => freshAdapter(options), options.convolutions === 'matrix' ? [MATRIX_FEATURE] : []);
      const found = (await adapter()) as Adapter;
      const maxBufferBytes = found.limits['maxStorageBufferBindingSize']!;
      const capabilities = await activateTfjs('webgpu', { training: true, syncRead: false, floatBits: 32, maxBufferBytes });
      const { kernels = true, convolutions = 'float32', onKernelError = () => undefined } = options;
      const { registerGpuKernels, removeGpuKernels } = await import('./webgpu/registerKernels.js'); // pages that fall back to wasm do without
      if (kernels) await registerGpuKernels(currentBackend<TfjsGpuBackend>(), { software: isSoftware(found), convolutions, onKernelError });
      else removeGpuKernels();
      return capabilities;
    },
  };
}
