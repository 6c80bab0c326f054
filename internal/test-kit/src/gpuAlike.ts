import { memory, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { cpu } from '@spatialgan/backends/cpu';
import { webgpu } from '@spatialgan/backends/webgpu';
import { createRng } from '@spatialgan/core';
import { expect } from 'vitest';
import { offerSoftwareVulkan } from './softwareVulkan.js';

offerSoftwareVulkan();

/** WebGPU on any adapter; a kernel that does not compile is a failure. */
export const anyAdapter = webgpu({
  allowSoftware: true,
  onKernelError: (error) => {
    throw error;
  },
});
/** null where WebGPU runs. */
export const noWebgpu = await anyAdapter.unsupportedReason();

/** Makes cpu and webgpu ready; webgpu is current afterwards. */
export async function activateBoth(): Promise<void> {
  await cpu().activate();
  await anyAdapter.activate();
}

const rng = createRng(11);
const values = (shape: readonly number[], label: string): Float32Array => {
  const stream = rng.split(label);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());
};

/** Expects a function to give the same on cpu, where every op is in its plain form, and on webgpu, and to leave nothing else. */
export async function expectAlike(
  shapes: readonly (readonly number[])[], f: (...xs: Tensor[]) => Tensor[], tolerance = 2e-6,
): Promise<void> {
  const results: { shape: readonly number[]; data: Float32Array }[][] = [];
  for (const name of ['cpu', 'webgpu']) {
    await setBackend(name);
    const xs = shapes.map((shape, i) => tensor(values(shape, `${i}`), [...shape], 'float32'));
    const before = memory();
    const out = f(...xs);
    expect(memory().numTensors, 'tensors').toBe(before.numTensors + out.length);
    results.push(await Promise.all(out.map(async (t) => ({ shape: t.shape, data: Float32Array.from(await t.data()) }))));
    out.forEach((t) => t.dispose());
    expect(memory().numDataBuffers, 'buffers').toBe(before.numDataBuffers);
    xs.forEach((t) => t.dispose());
  }
  const [plain, ours] = results as [typeof results[0], typeof results[0]];
  plain.forEach(({ shape, data }, i) => {
    expect(ours[i]!.shape).toEqual(shape);
    const size = data.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
    const worst = data.reduce((most, v, j) => Math.max(most, Math.abs(v - ours[i]!.data[j]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance * size);
  });
}
