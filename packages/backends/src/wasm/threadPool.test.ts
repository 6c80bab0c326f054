import { afterEach, describe, expect, it } from 'vitest';
import { engine, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import {
  COLUMN_SUM, CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, CONV2D_STYLED, MINIBATCH_STD, MINIBATCH_STD_GRAD, RESIZE, RESIZE_GRAD, SCALE_CHANNELS_GRAD, SEL_MODULATE, SEL_MODULATE_GRAD, SPATIAL_SUM,
  STYLED_ACTIVATION, STYLED_ACTIVATION_GRAD, UPFIRDN2D,
} from '@spatialgan/ops';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { wasm } from '../wasm.js';
import { memoryOf } from './heap.js';
import { instantiateKernels } from './kernels.js';
import { withSharedMemory } from './sharedMemory.js';
import { createThreadPool, type TaskRunner } from './threadPool.js';

const open: TaskRunner[] = [];
afterEach(() => open.splice(0).forEach((pool) => pool.dispose()));

async function poolOf(threads: number) {
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 65536, shared: true });
  const { kernels, module } = (await instantiateKernels(memory))!;
  const pool = createThreadPool({ kernels, module, memory }, threads);
  open.push(pool);
  await pool.ready();
  return { pool, floats: new Float32Array(memory.buffer) };
}

describe('the thread pool', () => {
  it('does every task exactly once, round after round', async () => {
    const { pool, floats } = await poolOf(3);
    for (let round = 1; round <= 300; round++) {
      floats.fill(0, 0, 4096);
      floats.fill(round, 4096, 3 * 4096); // two groups
      pool.run('addGroups', 64, [4 * 4096, 0, 4096, 2, 64]);
      expect(floats.subarray(0, 4096).every((value) => value === 2 * round)).toBe(true);
    }
  });

  it('goes on with one thread after it was disposed of', async () => {
    const { pool, floats } = await poolOf(2);
    pool.dispose();
    pool.dispose();
    floats.fill(1, 64, 192);
    pool.run('addGroups', 4, [4 * 64, 0, 64, 2, 16]);
    expect([...floats.subarray(0, 64)]).toEqual(Array.from({ length: 64 }, () => 2));
  });

  it('refuses a number of threads that is none', async () => {
    await expect(wasm({ threads: 0 }).activate()).rejects.toMatchObject({ code: 'CONFIG' });
  });
});

describe('a module with shared memory', () => {
  it('is null for a module without a bounded memory', () => {
    expect(withSharedMemory(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))).toBeNull();
  });
});

describe('kernels on several threads', () => {
  const draw = (shape: number[], name: string): Tensor => {
    const rng = createRng(3).split(name);
    return tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal()), shape);
  };
  const kernel = (name: string, inputs: object, attrs: object): Float32Array => {
    const made = engine().runKernel(name, inputs as never, attrs as never) as Tensor | Tensor[];
    const values = [made].flat().flatMap((y) => [...y.dataSync()]);
    [made].flat().forEach((y) => y.dispose());
    return Float32Array.from(values);
  };

  /** Everything but the convolutions, on features [N,h,w,C]. */
  const features = (shape: [number, number, number, number]): Float32Array[] => {
    const [N, h, w] = shape;
    const [x, dy, scale, shift, f] = [draw(shape, 'x'), draw(shape, 'dy'), draw([N, h, w, 1], 's'), draw([N, h, w, 1], 't'), draw([4], 'f')];
    const [perSample, b, noise, shared] = [draw([N, shape[3]], 'c'), draw([shape[3]], 'b'), draw([N, h, w, 1], 'n'), draw([1, h, w, 1], 'n')];
    const long = draw([N, h, w, shape[3] + 1], 'dy');
    const [lrelu, group] = [{ alpha: 0.2, gain: 1.5, clamp: 2 }, { groupSize: 1, numChannels: 1, epsilon: 1e-8 }];
    const sizes = { size: [h, w], from: [h, w] };
    const fir = { up: [2, 2], down: [1, 1], padding: [2, 1, 2, 1], correlate: false, gain: 1, size: [h, w] };
    const out = [
      kernel(SEL_MODULATE, { x, scale, shift }, { epsilon: 1e-5 }), kernel(SEL_MODULATE_GRAD, { x, scale, dy }, { epsilon: 1e-5 }),
      kernel(SCALE_CHANNELS_GRAD, { x, scale: perSample, dy }, {}),
      ...[noise, shared].flatMap((map) => [
        kernel(STYLED_ACTIVATION, { x, scale: perSample, noise: map, b }, lrelu), kernel(STYLED_ACTIVATION_GRAD, { dy, x, scale: perSample, noise: map, b }, lrelu),
      ]),
      kernel(STYLED_ACTIVATION_GRAD, { dy, x, b }, lrelu), kernel(MINIBATCH_STD, { x }, group), kernel(MINIBATCH_STD_GRAD, { x, dy: long }, group),
      kernel(RESIZE, { x }, { ...sizes, size: [h * 2, w + 1] }), kernel(RESIZE_GRAD, { dy }, { ...sizes, from: [3, 5] }),
      kernel(SPATIAL_SUM, { x }, {}), kernel(COLUMN_SUM, { x }, {}), kernel('Sum', { x }, { axis: [0, 1, 2, 3] }),
      kernel(UPFIRDN2D, { x, f }, fir), kernel(UPFIRDN2D, { x, f }, { ...fir, up: [1, 1], down: [2, 2] }),
    ];
    [x, dy, scale, shift, f, perSample, b, noise, shared, long].forEach((t) => t.dispose());
    return out;
  };

  it('give the same bits as one thread, whatever the kernel', async () => {
    const results = [];
    for (const threads of [4, 2, 1]) {
      await wasm({ threads }).activate();
      results.push([features([5, 16, 16, 24]), features([1, 40, 33, 7])]);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('give the same bits as one thread', async () => {
    const cases = [[5, 16, 16, 16, 24, 3, 1], [1, 40, 40, 32, 16, 3, 1], [16, 16, 16, 12, 24, 3, 1], [3, 9, 9, 8, 5, 3, 2], [4, 12, 12, 12, 3, 1, 1], [1, 33, 33, 16, 12, 3, 2], [9, 9, 9, 8, 8, 3, 2]] as const;
    const results = [];
    for (const threads of [4, 2, 1]) {
      await wasm({ threads }).activate();
      expect(memoryOf(engine().backend as BackendWasm)!.buffer).toBeInstanceOf(SharedArrayBuffer);
      results.push(cases.flatMap(([N, H, W, I, O, k, stride]) => {
        const pad = stride === 1 ? (k - 1) / 2 : 0;
        const attrs = { stride, padding: [pad, pad, pad, pad] };
        const [h, w] = [Math.floor((H + 2 * pad - k) / stride) + 1, Math.floor((W + 2 * pad - k) / stride) + 1];
        const [x, filter, dy] = [draw([N, H, W, I], 'x'), draw([k, k, I, O], 'w'), draw([N, h, w, O], 'dy')];
        const styled = { styles: draw([N, I], 's'), scale: draw([N, O], 'd'), noise: draw([N, h, w, 1], 'n'), b: draw([O], 'b') };
        const { styles, ...after } = styled;
        const out = [
          kernel(CONV2D, { x, filter }, attrs), kernel(CONV2D_STYLED, { x, filter, ...(stride === 1 ? styled : after) }, { ...attrs, alpha: 0.2, gain: 1.5, clamp: 9 }), kernel(CONV2D_INPUT_GRAD, { dy, filter }, { ...attrs, size: [H, W] }),
          kernel(CONV2D_FILTER_GRAD, { x, dy }, { ...attrs, size: [k, k] }),
        ];
        [x, filter, dy, styles, ...Object.values(after)].forEach((t) => t.dispose());
        return out;
      }));
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
