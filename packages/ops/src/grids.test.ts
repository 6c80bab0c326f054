import '@tensorflow/tfjs-backend-cpu';
import { mul, ready, setBackend, sum, tensor4d, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { everyNth, zeroInsert } from './grids.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const counting = (shape: [number, number, number, number]): Tensor4D =>
  tensor4d(Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i)), shape);

it('everyNth keeps rows and columns, and reads zeros past the end', () =>
  tidy(() => {
    const x = tensor4d(Array.from({ length: 15 }, (_, i) => i), [1, 3, 5, 1]);
    expect([...everyNth(x, [2, 3], [2, 2]).dataSync()]).toEqual([0, 3, 10, 13]);
    expect([...everyNth(x, [1, 4], [3, 2]).dataSync()]).toEqual([0, 4, 5, 9, 10, 14]);
    expect([...everyNth(x, [2, 1], [3, 1]).dataSync()]).toEqual([0, 10, 0]);
  }));

it('everyNth is the transpose of zeroInsert', () => {
  const side = fc.integer({ min: 1, max: 4 });
  fc.assert(fc.property(side, side, side, side, (h, w, sy, sx) => tidy(() => {
    const [small, large] = [counting([2, h, w, 3]), counting([2, h * sy, w * sx, 3])];
    const inner = (a: Tensor4D, b: Tensor4D): number => sum(mul(a, b)).dataSync()[0]!;
    expect(inner(everyNth(large, [sy, sx], [h, w]), small)).toBeCloseTo(inner(large, zeroInsert(small, [sy, sx])), 4);
  })), { numRuns: 30 });
});
