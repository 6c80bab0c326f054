import { beforeAll, describe, expect, it } from 'vitest';
import {
  engine, matMul, mean, memory, setBackend, slice, sum, tensor, type Tensor, tidy, tile,
} from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, conv2d, convTranspose2d, plainConv2d, plainFilterGrad, plainInputGrad, replaceKernel, setupFilter, upfirdn2d } from '@spatialgan/ops';
import { cpu } from './cpu.js';
import { wasm } from './wasm.js';

beforeAll(async () => {
  await cpu().activate();
  await wasm().activate();
  for (const [kernelName, plain] of [[CONV2D, plainConv2d], [CONV2D_INPUT_GRAD, plainInputGrad], [CONV2D_FILTER_GRAD, plainFilterGrad]] as const) {
    replaceKernel({ kernelName, backendName: 'cpu', kernelFunc: ({ inputs, attrs }) => tidy(() => plain(inputs as never, attrs as never)) });
  }
});

const rng = createRng(7);
let draws = 0;
const values = (shape: readonly number[]): Float32Array => {
  const stream = rng.split(`${draws++}`);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal());
};

/** Largest difference of a function on both backends, relative to the largest value. */
async function difference(shapes: readonly (readonly number[])[], f: (...xs: any[]) => Tensor): Promise<number> {
  const inputs = shapes.map((shape) => ({ shape: [...shape], data: values(shape) }));
  const results = [];
  for (const name of ['cpu', 'wasm']) {
    await setBackend(name);
    const y = tidy(() => f(...inputs.map(({ shape, data }) => tensor(data, shape))));
    results.push({ shape: y.shape, data: y.dataSync() });
    y.dispose();
  }
  const [a, b] = results as [{ shape: number[]; data: Float32Array }, { shape: number[]; data: Float32Array }];
  expect(b.shape).toEqual(a.shape);
  let [worst, size] = [0, 1e-30];
  a.data.forEach((v, i) => {
    worst = Math.max(worst, Math.abs(v - b.data[i]!));
    size = Math.max(size, Math.abs(v));
  });
  return worst / size;
}

const run = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor => engine().runKernel(name, inputs as never, attrs as never);
const TOLERANCE = 2e-6;

// [N, H, W, I, O, k, stride, padding]
const convs = [
  [2, 8, 8, 16, 16, 3, 1, [1, 1, 1, 1]], [2, 9, 7, 3, 5, 3, 2, [1, 0, 2, 1]], [1, 8, 8, 64, 1, 3, 1, [1, 1, 1, 1]],
  [2, 5, 5, 3, 32, 1, 1, [0, 0, 0, 0]], [2, 6, 6, 13, 9, 1, 2, [0, 0, 0, 0]], [2, 9, 9, 20, 12, 3, 2, [0, 0, 0, 0]],
  [2, 4, 4, 65, 64, 3, 1, [1, 1, 1, 1]], [2, 8, 8, 1, 7, 4, 3, [3, 1, 0, 2]], [2, 8, 8, 5, 3, 3, 1, [1, 1, 1, 1]],
  [1, 6, 6, 300, 7, 3, 1, [1, 1, 1, 1]], [1, 3, 3, 700, 8, 1, 1, [0, 0, 0, 0]], [3, 16, 16, 8, 2, 3, 1, [1, 1, 1, 1]],
] as const;

it('convolves an image to the same bits alone and in a batch', async () => {
  await setBackend('wasm');
  for (const [side, channels] of [[4, 64], [8, 64], [16, 32], [32, 32]] as const) {
    const [x, filter] = [values([6, side, side, channels]), values([3, 3, channels, channels])];
    const convolved = (from: number, count: number): number[] => tidy(() => {
      const images = slice(tensor(x, [6, side, side, channels]), [from, 0, 0, 0], [count, -1, -1, -1]) as never;
      return [...conv2d(images, tensor(filter, [3, 3, channels, channels]) as never, { padding: 1 }).dataSync()];
    });
    expect(convolved(0, 6), `${side}×${side}`).toEqual([0, 1, 2, 3, 4, 5].flatMap((n) => convolved(n, 1)));
    for (const doubled of [conv2d, convTranspose2d]) {
      const strided = (from: number, count: number): number[] => tidy(() => {
        const images = slice(tensor(x, [6, side, side, channels]), [from, 0, 0, 0], [count, -1, -1, -1]) as never;
        return [...doubled(images, tensor(filter, [3, 3, channels, channels]) as never, { stride: 2 }).dataSync()];
      });
      expect(strided(0, 6), `${side}×${side}, stride 2`).toEqual([0, 1, 2, 3, 4, 5].flatMap((n) => strided(n, 1)));
    }
  }
});

describe('the wasm convolution kernels agree with the plain form', () => {
  for (const [N, H, W, I, O, k, stride, padding] of convs) {
    const attrs = { stride, padding };
    const h = Math.floor((H + padding[0] + padding[1] - k) / stride) + 1;
    const w = Math.floor((W + padding[2] + padding[3] - k) / stride) + 1;
    const [x, f, dy] = [[N, H, W, I], [k, k, I, O], [N, h, w, O]] as const;
    const label = `${x.join('×')} * ${f.join('×')} stride ${stride} padding ${padding.join()}`;
    it(`forward ${label}`, async () => {
      expect(await difference([x, f], (a, b) => run(CONV2D, { x: a, filter: b }, attrs))).toBeLessThan(TOLERANCE);
    });
    it(`input gradient ${label}`, async () => {
      const sized = { ...attrs, size: [H, W] };
      expect(await difference([dy, f], (a, b) => run(CONV2D_INPUT_GRAD, { dy: a, filter: b }, sized))).toBeLessThan(TOLERANCE);
    });
    it(`filter gradient ${label}`, async () => {
      const sized = { ...attrs, size: [k, k] };
      expect(await difference([x, dy], (a, b) => run(CONV2D_FILTER_GRAD, { x: a, dy: b }, sized))).toBeLessThan(TOLERANCE);
    });
  }
});

describe('the wasm kernels agree with cpu', () => {
  const shapes = [[3, 5, 7, 4], [2, 8, 8, 3], [1, 4, 4, 20], [2, 6, 5, 33]] as const;
  for (const shape of shapes) {
    for (const axis of [[3], [1, 2], [0, 1, 2], [0], [2], [0, 3], [1, 2, 3], [0, 1, 2, 3]]) {
      it(`sum and mean of ${shape.join('×')} over ${axis.join()}`, async () => {
        expect(await difference([shape], (x) => sum(x, axis))).toBeLessThan(TOLERANCE);
        expect(await difference([shape], (x) => mean(x, axis, true))).toBeLessThan(TOLERANCE);
      });
    }
  }
  for (const [shape, reps] of [
    [[2, 1, 1, 6], [1, 4, 5, 1]], [[2, 3, 4, 1], [1, 1, 1, 7]], [[1, 1, 1, 1], [2, 3, 4, 5]], [[2, 3], [3, 2]],
    [[2, 1, 3], [2, 5, 3]], [[700], [3]], [[2, 3], [1, 1]], [[1, 5, 1], [4, 1, 6]],
  ] as const) {
    it(`tile ${shape.join('×')} by ${reps.join()}`, async () => {
      expect(await difference([shape], (x) => tile(x, [...reps]))).toBe(0);
    });
  }
  for (const [a, b] of [
    [[3, 5, 7], [3, 7, 9]], [[1, 16, 8], [4, 8, 30]], [[4, 6, 8], [1, 8, 10]], [[7, 5], [5, 1]], [[1, 5], [5, 64]],
  ] as const) {
    it(`matMul ${a.join('×')} · ${b.join('×')} with every transposition`, async () => {
      const turn = (shape: readonly number[]): number[] => [...shape.slice(0, -2), shape[shape.length - 1]!, shape[shape.length - 2]!];
      expect(await difference([a, b], (x, y) => matMul(x, y))).toBeLessThan(TOLERANCE);
      expect(await difference([turn(a), b], (x, y) => matMul(x, y, true))).toBeLessThan(TOLERANCE);
      expect(await difference([a, turn(b)], (x, y) => matMul(x, y, false, true))).toBeLessThan(TOLERANCE);
      expect(await difference([turn(a), turn(b)], (x, y) => matMul(x, y, true, true))).toBeLessThan(TOLERANCE);
    });
  }
});

describe('matMul on wasm', () => {
  it('broadcasts the batches of both operands (cpu does not, so the reference has them written out)', async () => {
    const [a, b] = [{ shape: [2, 1, 6, 8], data: values([2, 1, 6, 8]) }, { shape: [3, 8, 10], data: values([3, 8, 10]) }];
    await setBackend('wasm');
    const broadcast = tidy(() => matMul(tensor(a.data, a.shape), tensor(b.data, b.shape)));
    await setBackend('cpu');
    const reference = tidy(() => matMul(tile(tensor(a.data, a.shape), [1, 3, 1, 1]), tile(tensor(b.data, [1, ...b.shape]), [2, 1, 1, 1])));
    expect(broadcast.shape).toEqual(reference.shape);
    const expected = reference.dataSync();
    broadcast.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5));
    broadcast.dispose();
    reference.dispose();
  });
});

describe('upfirdn2d on wasm agrees with the plain form', () => {
  const taps = [[1, 3, 3, 1], [1, 2, 4], [1, 2, 3, 4, 5], [[1, 2], [3, 4], [5, 6]]] as const;
  for (const C of [3, 16, 20]) {
    for (const f of taps) {
      for (const [up, down, padding] of [[1, 1, [1, 2, 2, 1]], [2, 1, [2, 1, 2, 1]], [1, 2, [1, 1, 1, 1]], [[2, 3], [3, 2], [3, 4, 5, 2]], [2, 1, [-1, 1, 1, -2]]] as const) {
        it(`C ${C}, filter ${JSON.stringify(f)}, up ${up}, down ${down}, padding ${padding.join()}`, async () => {
          const g = (x: any): Tensor => upfirdn2d(x, setupFilter(f as never), { up, down, padding, gain: 3, flipFilter: C === 3 } as never);
          expect(await difference([[2, 8, 7, C]], g)).toBeLessThan(TOLERANCE);
        });
      }
    }
  }
});

describe('the wasm backend', () => {
  it('shares the values of an identity, which outlive the original', async () => {
    await setBackend('wasm');
    const x = tensor([1, 2, 3]);
    const same = run('Identity', { x }, {});
    x.dispose();
    expect([...same.dataSync()]).toEqual([1, 2, 3]);
    same.dispose();
  });

  it('leaves nothing behind', async () => {
    await setBackend('wasm');
    const x = tensor(values([2, 8, 8, 6]), [2, 8, 8, 6]);
    const f = tensor(values([3, 3, 6, 4]), [3, 3, 6, 4]);
    const before = memory().numTensors;
    tidy(() => conv2d(x as never, f as never, { padding: 1 })).dispose();
    tidy(() => convTranspose2d(x as never, f as never, { stride: 2 })).dispose();
    expect(memory().numTensors).toBe(before);
    x.dispose();
    f.dispose();
  });
});

describe("tfjs's own convolution gradients, as tf.LayersModel asks for them", () => {
  const cases = [[1, 'same'], [2, 'same'], [2, 'valid'], [3, 2]] as const;
  it.each(cases)('stride %s, padding %s', async (stride, pad) => {
    const size = typeof pad === 'number' ? Math.floor((9 + 2 * pad - 5) / stride) + 1 : Math.ceil((pad === 'same' ? 9 : 5) / stride);
    const attrs = { strides: stride, pad, dataFormat: 'NHWC', inputShape: [2, 9, 9, 3], filterShape: [5, 5, 3, 4] };
    const byInput = (dy: Tensor, filter: Tensor): Tensor => run('Conv2DBackpropInput', { dy, filter }, attrs);
    expect(await difference([[2, size, size, 4], [5, 5, 3, 4]], byInput)).toBeLessThan(TOLERANCE);
    const byFilter = (x: Tensor, dy: Tensor): Tensor => run('Conv2DBackpropFilter', { x, dy }, attrs);
    expect(await difference([[2, 9, 9, 3], [2, size, size, 4]], byFilter)).toBeLessThan(TOLERANCE);
  });

  it('names what it cannot do', async () => {
    await setBackend('wasm');
    const attrs = { strides: [1, 2], pad: 'valid', dataFormat: 'NHWC', filterShape: [3, 3, 3, 4] };
    const call = (): Tensor => run('Conv2DBackpropFilter', { x: tensor(values([1, 5, 5, 3]), [1, 5, 5, 3]), dy: tensor(values([1, 3, 2, 4]), [1, 3, 2, 4]) }, attrs);
    expect(call).toThrow(/expected NHWC and equal strides, got NHWC, strides \[1,2\]/);
  });
});

// Enough tiles for F(4×4, 3×3): multiples of four, what is left over on either axis, cuts, channels that fill no panel.
describe('the wasm convolution kernels agree with the plain form on large tiles', () => {
  for (const [N, H, W, I, O, padding] of [
    [3, 16, 16, 16, 12, [1, 1, 1, 1]], [1, 31, 30, 12, 20, [1, 1, 1, 1]], [4, 15, 15, 8, 8, [2, 0, 0, 1]], [2, 33, 29, 40, 36, [1, 1, 1, 1]], [16, 8, 8, 8, 20, [1, 1, 1, 1]],
  ] as const) {
    const [h, w] = [H + padding[0] + padding[1] - 2, W + padding[2] + padding[3] - 2];
    const attrs = { stride: 1, padding };
    it(`${N}×${H}×${W}×${I} to ${O}, padding ${padding.join()}`, async () => {
      const [x, f, dy] = [[N, H, W, I], [3, 3, I, O], [N, h, w, O]] as const;
      expect(await difference([x, f], (a, b) => run(CONV2D, { x: a, filter: b }, attrs))).toBeLessThan(TOLERANCE);
      expect(await difference([dy, f], (a, b) => run(CONV2D_INPUT_GRAD, { dy: a, filter: b }, { ...attrs, size: [H, W] }))).toBeLessThan(TOLERANCE);
      expect(await difference([x, dy], (a, b) => run(CONV2D_FILTER_GRAD, { x: a, dy: b }, { ...attrs, size: [3, 3] }))).toBeLessThan(TOLERANCE);
    });
  }
});

// Tiles of 2×2 outputs at stride 2: odd outputs, rows and columns that no window reads, bands, several images a task.
describe('the wasm convolution kernels agree with the plain form on tiles of stride 2', () => {
  for (const [N, H, W, I, O, padding] of [
    [5, 9, 9, 16, 12, [0, 0, 0, 0]], [1, 33, 30, 12, 20, [1, 1, 1, 1]], [3, 12, 10, 8, 8, [0, 0, 0, 0]], [2, 17, 20, 24, 36, [0, 1, 2, 0]], [16, 3, 5, 8, 8, [0, 1, 1, 0]],
    [1, 65, 65, 8, 12, [0, 0, 0, 0]],
  ] as const) {
    const [h, w] = [Math.floor((H + padding[0] + padding[1] - 3) / 2) + 1, Math.floor((W + padding[2] + padding[3] - 3) / 2) + 1];
    const attrs = { stride: 2, padding };
    it(`${N}×${H}×${W}×${I} to ${O}, padding ${padding.join()}`, async () => {
      const [x, f, dy] = [[N, H, W, I], [3, 3, I, O], [N, h, w, O]] as const;
      expect(await difference([x, f], (a, b) => run(CONV2D, { x: a, filter: b }, attrs))).toBeLessThan(TOLERANCE);
      expect(await difference([dy, f], (a, b) => run(CONV2D_INPUT_GRAD, { dy: a, filter: b }, { ...attrs, size: [H, W] }))).toBeLessThan(TOLERANCE);
      expect(await difference([x, dy], (a, b) => run(CONV2D_FILTER_GRAD, { x: a, dy: b }, { ...attrs, size: [3, 3] }))).toBeLessThan(TOLERANCE);
    });
  }
});
