import '@tensorflow/tfjs-backend-cpu';
import { add, mean, memory, mul, ones, ready, type Scalar, setBackend, square, sub, sum, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { createRng, vjp } from '@spatialgan/core';
import { registerGradients } from '@spatialgan/ops';
import { beforeAll, expect, test } from 'vitest';
import { augmentPipe, augmentPresets } from './index.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

const images = (shape: [number, number, number, number] = [3, 12, 10, 3]): Tensor4D => createRng(1).uniformTensor<Tensor4D>(shape);
const everything = augmentPipe('bgcfnc');

/** Numbers of a tensor that is computed and disposed here. */
const numbers = (f: () => Tensor4D): number[] => [...tidy(f).dataSync()];

test('the same stream gives the same images, another stream others', () => {
  const x = images();
  const draw = (label: string): number[] => numbers(() => everything(x, { p: 0.7, draws: createRng(5).split(label) }));
  expect(draw('a')).toEqual(draw('a'));
  expect(draw('a')).not.toEqual(draw('b'));
});

test('p = 0 changes nothing, p = 1 every image', () => {
  const x = images();
  expect(numbers(() => everything(x, { p: 0, draws: createRng(2) }))).toEqual([...x.dataSync()]);
  const difference = tidy(() => mean(square(sub(everything(x, { p: 1, draws: createRng(2) }), x)), [1, 2, 3]).dataSync());
  expect(Math.min(...difference)).toBeGreaterThan(1e-3);
});

test.each(Object.keys(augmentPresets) as (keyof typeof augmentPresets)[])('%s keeps the shape and leaves no tensor', (name) => {
  const x = images();
  const before = memory().numTensors;
  const y = augmentPipe(name)(x, { p: 1, draws: createRng(3) });
  expect(y.shape).toEqual(x.shape);
  expect(y.dataSync().every(Number.isFinite)).toBe(true);
  y.dispose();
  expect(memory().numTensors).toBe(before);
});

test('each transform happens in a share rate · p of the images', () => {
  const x = ones([2000, 1, 1, 3]) as Tensor4D;
  const y = tidy(() => augmentPipe({ brightness: 0.5 })(x, { p: 0.6, draws: createRng(4) }).dataSync());
  const changed = Array.from({ length: 2000 }, (_, n) => y[3 * n] !== 1).filter(Boolean).length;
  expect(changed / 2000).toBeGreaterThan(0.26);
  expect(changed / 2000).toBeLessThan(0.34);
});

test('x-flip mirrors left and right; the rest stays', () => {
  // A smooth image: sym6 is nearly, but not quite, symmetric, so that mirroring moves it by a small part of a pixel.
  const x = tensor4d(Array.from({ length: 400 }, (_, i) => Math.sin((i % 20) / 4) * Math.cos(Math.floor(i / 20) / 7)), [1, 20, 20, 1]);
  const draws = { uniform: () => [0.9], normal: () => [0], gate: () => [true], noise: createRng(0) };
  const [y, source] = [numbers(() => augmentPipe({ xflip: 1 })(x, { p: 1, draws })), x.dataSync()];
  for (let row = 0; row < 20; row++) {
    for (let column = 0; column < 20; column++) {
      // Nearer to the edge than the filter reaches, what lies beyond it mixes in (as in the goldens).
      if (Math.min(row, column, 19 - row, 19 - column) < 6) continue;
      expect(Math.abs(y[row * 20 + column]! - source[row * 20 + 19 - column]!)).toBeLessThan(0.03);
    }
  }
});

test('the second derivative runs through it, as R1 needs', () => {
  const pipe = augmentPipe('bgcf');
  /** |∇ |pipe(x)|²|²: quadratic in x, so that a central difference is exact up to rounding. */
  const penalty = (x: Tensor4D): Scalar =>
    sum(square(vjp(() => sum(square(pipe(x, { p: 0.8, draws: createRng(6) }))), [x]).grads[0]!));
  const [x, direction] = [images([2, 8, 8, 3]), createRng(7).normalTensor<Tensor4D>([2, 8, 8, 3])];
  const at = (step: number): number => tidy(() => penalty(add(x, mul(direction, step))).dataSync()[0]!);
  const slope = (at(0.05) - at(-0.05)) / 0.1;
  const exact = tidy(() => sum(mul(vjp(() => penalty(x), [x]).grads[0]!, direction)).dataSync()[0]!);
  expect(Math.abs(slope - exact) / Math.abs(exact)).toBeLessThan(1e-3);
});

test('says what is wrong', () => {
  expect(() => augmentPipe('bgx' as 'bgc')).toThrow(/expected one of blit, geom.*got 'bgx'/);
  expect(() => augmentPipe({ spin: 1 } as never)).toThrow(/expected transforms of xflip.*got 'spin'/);
  expect(() => augmentPipe({ hue: -1 })).toThrow(/at least 0 for hue/);
  expect(() => augmentPipe('bgc')(images(), { p: NaN, draws: createRng(0) })).toThrow(/at least 0, got NaN/);
  expect(() => augmentPipe('color')(images([1, 4, 4, 2]), { p: 1, draws: createRng(0) })).toThrow(/1 or 3 channels.*got 2/);
});
