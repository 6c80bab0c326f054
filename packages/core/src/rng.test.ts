import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { setBackend, type Tensor2D } from '@tensorflow/tfjs-core';
import { createRng } from './rng.js';

beforeAll(async () => {
  await setBackend('cpu');
});
const draw = (seed: number, n = 8): number[] => {
  const rng = createRng(seed);
  return Array.from({ length: n }, () => rng.uniform());
};

describe('createRng', () => {
  it('repeats itself from the same seed and differs from another', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(0)).not.toEqual(draw(-1));
  });

  it('splits by key and label alone, whatever was drawn before', () => {
    const a = createRng(3);
    const before = a.split('x').uniform();
    a.uniform();
    expect(a.split('x').uniform()).toBe(before);
    expect(a.split('y').uniform()).not.toBe(before);
    expect(a.split('x').split('y').uniform()).not.toBe(a.split('y').split('x').uniform());
  });

  it('has the moments of its distributions', () => {
    const rng = createRng(1);
    const n = 20_000;
    const moments = (next: () => number): [number, number] => {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        const x = next();
        sum += x;
        squares += x * x;
      }
      return [sum / n, squares / n - (sum / n) ** 2];
    };
    const [uMean, uVariance] = moments(() => rng.uniform());
    expect(Math.abs(uMean - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(uVariance - 1 / 12)).toBeLessThan(0.003);
    const [nMean, nVariance] = moments(() => rng.normal());
    expect(Math.abs(nMean)).toBeLessThan(0.03);
    expect(Math.abs(nVariance - 1)).toBeLessThan(0.05);
  });

  it('gives decorrelated streams for neighbouring labels', () => {
    const rng = createRng(5);
    const pairs = Array.from({ length: 2000 }, (_, i) => [rng.split(`step:${i}`).normal(), rng.split(`step:${i + 1}`).normal()]);
    const correlation = pairs.reduce((sum, [a, b]) => sum + a! * b!, 0) / pairs.length;
    expect(Math.abs(correlation)).toBeLessThan(0.08);
  });

  it('fills tensors', () => {
    const x = createRng(2).normalTensor<Tensor2D>([3, 4]);
    expect(x.shape).toEqual([3, 4]);
    expect([...x.dataSync()].every(Number.isFinite)).toBe(true);
    x.dispose();
  });
});

describe('a part of a batch', () => {
  const rows = (part?: { index: number; parts: number }): number[] => {
    const rng = createRng(3).split('noise', part).split('layer');
    const [first, second] = [rng.normalTensor<Tensor2D>([part ? 2 : 6, 3]), rng.uniformTensor<Tensor2D>([part ? 1 : 3, 2])];
    return [...first.dataSync(), ...second.dataSync()];
  };

  it('gets its rows of what the whole batch draws, call after call, and the numbers of the whole batch', () => {
    const whole = rows();
    const rowsOf = (from: number, width: number, ...at: number[]): number[] => at.flatMap((row) => whole.slice(from + row * width, from + (row + 1) * width));
    for (const index of [0, 1, 2]) expect(rows({ index, parts: 3 })).toEqual([...rowsOf(0, 3, index, index + 3), ...rowsOf(18, 2, index)]);
    expect(createRng(1).split('a', { index: 1, parts: 2 }).uniform()).toBe(createRng(1).split('a').uniform());
  });
});
