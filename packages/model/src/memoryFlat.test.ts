import { wasm } from '@spatialgan/backends/wasm';
import { createTrainer, nonSaturating, pathLength, r1 } from '@spatialgan/trainer';
import { toyNetworks } from '@spatialgan/trainer/conformance';
import { createRng } from '@spatialgan/core';
import { memory, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => wasm().activate());

/** Slope of the line through the points, by least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [x0, y0] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  return points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0) / points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
}

it('holds as much after 1,000 steps as after 200: tensors, their bytes, and the process but for noise', async () => {
  let drawn = 0;
  const held: { readonly step: number; readonly tensors: number; readonly bytes: number; readonly resident: number }[] = [];
  const trainer = createTrainer({
    ...toyNetworks, seed: 1, kimgPerTick: 0.04, divergence: { policy: 'skip' }, styleMixingProb: 0.5,
    losses: [...nonSaturating(), r1({ gamma: 1 }), pathLength()],
    data: { next: async () => ({ images: createRng(drawn++).uniformTensor<Tensor4D>([2, 8, 8, 3]) }) },
    plugins: [{
      name: 'watch',
      onTick({ step }) {
        const { numTensors: tensors, numBytes: bytes } = memory();
        held.push({ step, tensors, bytes, resident: process.memoryUsage.rss() });
      },
    }],
  });
  await trainer.run({ kimg: 2 });
  trainer.dispose();
  expect(held.at(-1)!.step).toBe(1000);
  const warm = held.filter(({ step }) => step >= 200);
  expect(new Set(warm.map(({ tensors }) => tensors)).size, warm.map(({ tensors }) => tensors).join()).toBe(1);
  expect(new Set(warm.map(({ bytes }) => bytes)).size).toBe(1);
  // A leak of one image a step would be 2 · 8 · 8 · 3 · 4 = 1,536 bytes; the garbage collector moves the process by megabytes.
  const perStep = slope(held.filter(({ step }) => step >= 400).map(({ step, resident }) => [step, resident]));
  process.stdout.write(`RSS ${(held.at(-1)!.resident / 2 ** 20).toFixed(0)} MiB, slope ${(perStep / 1024).toFixed(1)} KiB a step; ${warm[0]!.tensors} tensors\n`);
  expect(perStep).toBeLessThan(30 * 1024);
}, 240_000);
