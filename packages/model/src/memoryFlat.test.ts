import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { wasm } from '@spatialgan/backends/wasm';
import { createTrainer, nonSaturating, pathLength, r1 } from '@spatialgan/trainer';
import { toyNetworks } from '@spatialgan/trainer/conformance';
import { createRng } from '@spatialgan/core';
import { memory, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => wasm().activate());

// What waits for the garbage collector is no leak: it is collected before each look.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Slope of the line through the points, by least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [x0, y0] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  return points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0) / points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
}

it('holds as much after 1,000 steps as after 200: tensors, their bytes, the heap, and the process but for noise', async () => {
  let drawn = 0;
  const held: { readonly step: number; readonly tensors: number; readonly bytes: number; readonly heap: number; readonly resident: number }[] = [];
  const trainer = createTrainer({
    ...toyNetworks, seed: 1, kimgPerTick: 0.08, divergence: { policy: 'skip' }, styleMixingProb: 0.5,
    losses: [...nonSaturating(), r1({ gamma: 1 }), pathLength()],
    data: { next: async () => ({ images: createRng(drawn++).uniformTensor<Tensor4D>([2, 8, 8, 3]) }) },
    plugins: [{
      name: 'watch',
      onTick({ step }) {
        const { numTensors: tensors, numBytes: bytes } = memory();
        collectGarbage();
        const { heapUsed: heap, rss: resident } = process.memoryUsage();
        held.push({ step, tensors, bytes, heap, resident });
      },
    }],
  });
  await trainer.run({ kimg: 2 });
  trainer.dispose();
  expect(held.at(-1)!.step).toBe(1000);
  const warm = held.filter(({ step }) => step >= 200);
  expect(new Set(warm.map(({ tensors }) => tensors)).size, warm.map(({ tensors }) => tensors).join()).toBe(1);
  expect(new Set(warm.map(({ bytes }) => bytes)).size).toBe(1);
  const late = held.filter(({ step }) => step >= 400);
  const perStep = { heap: slope(late.map(({ step, heap }) => [step, heap])), resident: slope(late.map(({ step, resident }) => [step, resident])) };
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  process.stdout.write(`${kib(held.at(-1)!.resident)} KiB resident, ${kib(perStep.resident)} KiB more a step, heap ${kib(perStep.heap)}; ${warm[0]!.tensors} tensors\n`);
  // One batch kept as numbers would be 3 KiB a step. The process' own pages move by megabytes.
  expect(perStep.heap).toBeLessThan(2 * 1024);
  expect(perStep.resident).toBeLessThan(64 * 1024);
}, 240_000);
