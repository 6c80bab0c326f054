import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { wasm } from '@spatialgan/backends/wasm';
import { createTrainer, nonSaturating, pathLength, r1 } from '@spatialgan/trainer';
import { toyNetworks } from '@spatialgan/trainer/conformance';
import { createRng } from '@spatialgan/core';
import { memory, type Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

// One thread: the stacks of others come and go with the system's other work.
beforeAll(() => wasm({ threads: 1 }).activate());

// What waits for the garbage collector is no leak: it is collected before each look.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** How much more a step later looks show than earlier ones, by the medians of both halves: single looks move by pages that come and go. */
function growth(looks: readonly { readonly step: number; readonly value: number }[]): number {
  const half = looks.length >> 1;
  const middle = (some: typeof looks): { step: number; value: number } => ({ step: median(some.map(({ step }) => step)), value: median(some.map(({ value }) => value)) });
  const [early, late] = [middle(looks.slice(0, half)), middle(looks.slice(half))];
  return (late.value - early.value) / (late.step - early.step);
}

// Until about step 1,000 V8 compiles what it finds hot, and its heap takes the size that it keeps: 4 MiB here.
const warmUp = 1000;
const steps = 2000;

it('holds as much after 2,000 steps as after 1,000: tensors, their bytes, the heap, and the process', async () => {
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
  await trainer.run({ kimg: (2 * steps) / 1000 });
  trainer.dispose();
  expect(held.at(-1)!.step).toBe(steps);
  const warm = held.filter(({ step }) => step >= warmUp);
  expect(new Set(warm.map(({ tensors }) => tensors)).size, warm.map(({ tensors }) => tensors).join()).toBe(1);
  expect(new Set(warm.map(({ bytes }) => bytes)).size).toBe(1);
  const grown = (of: 'heap' | 'resident'): number => growth(warm.map((look) => ({ step: look.step, value: look[of] })));
  const kib = (bytes: number): string => (bytes / 1024).toFixed(1);
  process.stdout.write(`${kib(held.at(-1)!.resident)} KiB resident, ${kib(grown('resident'))} KiB more a step, heap ${kib(grown('heap'))}; ${warm[0]!.tensors} tensors\n`);
  // One batch kept as numbers would be 3 KiB a step.
  expect(grown('heap')).toBeLessThan(1024);
  expect(grown('resident')).toBeLessThan(3 * 1024);
}, 400_000);
