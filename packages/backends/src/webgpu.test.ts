import { describe, expect, it } from 'vitest';
import { add, scalar, setBackend, type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { type Backend, createRng, vjp } from '@spatialgan/core';
import { conv2d } from '@spatialgan/ops';
import { currentBackend } from './activateTfjs.js';
import { cpu } from './cpu.js';
import { createRuntime } from './createRuntime.js';
import { offerSoftwareVulkan } from '@spatialgan-internal/test-kit/softwareVulkan';
import { webgpu } from './webgpu.js';

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
    device.destroy();
    expect(typeof (await lost)).toBe('string');
    await createRuntime({ prefer: [webgpu({ allowSoftware: true })] });
    const four = tidy(() => add(scalar(1), scalar(3)));
    expect([...(await four.data())]).toEqual([4]);
    four.dispose();
    await setBackend('cpu');
  });
});
