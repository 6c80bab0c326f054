import { beforeAll, expect } from 'vitest';
import { memory, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { cpu } from '../cpu.js';
import { wasm } from '../wasm.js';

/** Makes both backends ready before the tests of a file. */
export const prepareBoth = (): void => beforeAll(async () => {
  await cpu().activate();
  await wasm({ threads: 2 }).activate();
});

const rng = createRng(11);

/** Normal numbers by label. */
export const values = (shape: readonly number[], label: string): Float32Array => {
  const stream = rng.split(label);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());
};

/** Results of a function on both backends, after checking that it leaves nothing else. */
async function onBoth(shapes: readonly (readonly number[])[], f: (...xs: Tensor[]) => Tensor[]): Promise<[Float32Array[], Float32Array[]]> {
  const results = [];
  for (const name of ['cpu', 'wasm']) {
    await setBackend(name);
    const xs = shapes.map((shape, i) => tensor(values(shape, `${i}`), [...shape]));
    const before = memory().numTensors;
    const out = f(...xs);
    expect(memory().numTensors).toBe(before + out.length);
    results.push(out.map((t) => Float32Array.from(t.dataSync())));
    out.forEach((t) => t.dispose());
    xs.forEach((t) => t.dispose());
  }
  return results as [Float32Array[], Float32Array[]];
}

/** Expects both backends to agree, relative to the largest entry of each result. */
export async function expectAlike(shapes: readonly (readonly number[])[], f: (...xs: Tensor[]) => Tensor[], tolerance = 1e-6): Promise<void> {
  const [a, b] = await onBoth(shapes, f);
  a.forEach((expected, i) => {
    const size = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
    expect(b[i]!.length).toBe(expected.length);
    const worst = expected.reduce((most, v, j) => Math.max(most, Math.abs(v - b[i]![j]!)), 0);
    expect(worst).toBeLessThanOrEqual(tolerance * size);
  });
}
