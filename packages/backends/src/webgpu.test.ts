import { describe, expect, it } from 'vitest';
import { add, dispose, getKernel, ones, scalar, setBackend, tensor1d, type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { type Backend, createRng, vjp } from '@spatialgan/core';
import { ADAM_STEP, adamStep, CONV2D, conv2d } from '@spatialgan/ops';
import { currentBackend } from './activateTfjs.js';
import { cpu } from './cpu.js';
import { createRuntime } from './createRuntime.js';
import { offerSoftwareVulkan } from '@spatialgan-internal/test-kit/softwareVulkan';
import { webgpu } from './webgpu.js';
import type { TfjsGpuBackend } from './webgpu/gpuTypes.js';
import { registerGpuKernels } from './webgpu/registerKernels.js';

offerSoftwareVulkan();
const software = webgpu({ allowSoftware: true });
const reason = await software.unsupportedReason();
if (reason !== null) console.warn(`webgpu: skipped, ${reason}`);

/** y, dx and df of a convolution on a backend. */
async function convolution(backend: Backend, stride: number): Promise<Float32Array[]> {
  await backend.activate();
  const rng = createRng(3);
  const values = (label: string, shape: [number, number, number, number]): Tensor => {
    const stream = rng.split(label);
    return tensor4d(Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.normal()), shape);
  };
  const results = tidy(() => {
    const [x, filter] = [values('x', [2, 7, 5, 6]), values('filter', [3, 3, 6, 4])];
    const f = (a: Tensor, b: Tensor): Tensor => conv2d(a as never, b as never, { stride, padding: 1 });
    const y = f(x, filter);
    return [y, ...vjp(() => f(x, filter), [x, filter], values('dy', y.shape as never)).grads];
  });
  const data = await Promise.all(results.map((result) => result.data()));
  results.forEach((result) => result.dispose());
  return data as Float32Array[];
}

describe.skipIf(reason !== null)('webgpu on an adapter of any kind', { timeout: 60_000 }, () => {
  it('reads asynchronously and says how large a buffer may be', async () => {
    const capabilities = await software.activate();
    expect(capabilities).toMatchObject({ training: true, syncRead: false, floatBits: 32 });
    expect(capabilities.maxBufferBytes).toBeGreaterThanOrEqual(2 ** 27);
  });

  for (const stride of [1, 2]) {
    it(`convolves and differentiates as cpu does at stride ${stride}`, async () => {
      const expected = await convolution(cpu(), stride);
      const actual = await convolution(software, stride);
      actual.forEach((values, k) => {
        const size = Math.max(...expected[k]!.map(Math.abs));
        expect(values.length).toBe(expected[k]!.length);
        values.forEach((value, i) => expect(Math.abs(value - expected[k]![i]!)).toBeLessThan(1e-5 * size));
      });
      await setBackend('cpu');
    });
  }
});

describe.skipIf(reason !== null)('a lost device', { timeout: 60_000 }, () => {
  it('is told of, and activating the backend again makes a new one', async () => {
    const { backend, lost } = await createRuntime({ prefer: [webgpu({ allowSoftware: true })] });
    expect(backend).toBe('webgpu');
    const { device } = currentBackend<{ device: { destroy(): void } }>();
    dispose(tidy(() => conv2d(ones([1, 2, 2, 1]), ones([1, 1, 1, 1]))));
    device.destroy();
    expect(typeof (await lost)).toBe('string');
    await createRuntime({ prefer: [webgpu({ allowSoftware: true })] });
    const [four, y] = tidy(() => [add(scalar(1), scalar(3)), conv2d(ones([1, 2, 2, 1]), ones([1, 1, 1, 1]))]);
    expect([...(await four!.data())]).toEqual([4]);
    expect([...(await y!.data())]).toEqual([1, 1, 1, 1]); // by pipelines and parameters of the new device
    dispose([four!, y!]);
    await setBackend('cpu');
  });
});

describe.skipIf(reason !== null)('a kernel that does not compile', { timeout: 60_000 }, () => {
  const step = async (): Promise<number[]> => {
    const [one, zero] = [tensor1d([1]), tensor1d([0])];
    const { param, m, v } = adamStep({ param: one, grad: one, m: zero, v: zero }, { lr: 0.5, beta1: 0, beta2: 0.5, eps: 0, step: 1 });
    const values = [...await param.data()];
    dispose([one, zero, param, m, v]);
    return values;
  };
  /** Registers the kernels as on a GPU, on a device whose member does something else for Adam's programs. */
  async function registerWith<K extends 'createShaderModule' | 'createComputePipelineAsync'>(name: K, instead: (given: { label: string }, real: (given: object) => unknown) => unknown): Promise<string[]> {
    await software.activate();
    const backend = currentBackend<TfjsGpuBackend>();
    const device = backend.device as unknown as Record<string, (given: { label: string }) => unknown>;
    const real = device[name]!.bind(device) as (given: object) => unknown;
    const errors: string[] = [];
    Object.defineProperty(device, name, { configurable: true, value: (given: { label: string }) => (given.label.startsWith('adam') ? instead(given, real) : real(given)) });
    try {
      await registerGpuKernels(backend, { software: false, warm: name === 'createComputePipelineAsync', onKernelError: ({ code, message }) => errors.push(`${code} ${message}`) });
      if (name === 'createComputePipelineAsync') await expect.poll(() => errors.length, { timeout: 30_000 }).toBe(1);
    } finally {
      delete device[name];
    }
    return errors;
  }

  it('is told of with the compiler\'s message, and its op keeps the plain form', async () => {
    const errors = await registerWith('createShaderModule', (given, real) => real({ ...given, code: 'fn main( {' }));
    expect(errors).toEqual([expect.stringMatching(/^BACKEND_UNSUPPORTED webgpu: the kernel adam\d does not compile here: line 1: /)]);
    expect(getKernel(ADAM_STEP, 'webgpu')).toBeUndefined();
    expect(getKernel(CONV2D, 'webgpu')).toBeDefined();
    expect(await step()).toEqual([0.5]);
  });

  it('is taken away when the driver refuses it later', async () => {
    await software.activate(); // a context of its own: the other test's has refused already
    expect(getKernel(ADAM_STEP, 'webgpu')).toBeDefined();
    const errors = await registerWith('createComputePipelineAsync', () => Promise.reject(new Error('out of registers')));
    expect(errors).toEqual([expect.stringMatching(/^BACKEND_UNSUPPORTED .* adam\d does not compile here: out of registers$/)]);
    expect(getKernel(ADAM_STEP, 'webgpu')).toBeUndefined();
    expect(await step()).toEqual([0.5]);
  });

  it('is not there at all when kernels are not wanted', async () => {
    await webgpu({ allowSoftware: true, kernels: false }).activate();
    expect(getKernel(CONV2D, 'webgpu')).toBeUndefined();
    expect(await step()).toEqual([0.5]);
    await setBackend('cpu');
  });
});
