import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bfloatBits, bfloatValue, halfBits, halfValue } from './halfFloats.js';

test('halves worked out by hand', () => {
  const cases: readonly (readonly [number, number])[] = [
    [0, 0], [-0, 0x8000], [1, 0x3c00], [-2, 0xc000], [65504, 0x7bff], [65519, 0x7bff], [65520, 0x7c00], [Infinity, 0x7c00],
    [2 ** -24, 1], [2 ** -25, 0], [2 ** -25 * 1.5, 1], [2 ** -14, 0x400], [0.1, 0x2e66], [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02],
    [2047 / 2048, 0x3bff], [1e-45, 0], [-1e10, 0xfc00],
  ];
  for (const [value, bits] of cases) expect(halfBits(value).toString(16), String(value)).toBe(bits.toString(16));
  expect(halfValue(halfBits(Number.NaN))).toBeNaN();
});

test('every half and every bfloat16 comes back as the same bits', () => {
  const all = Array.from({ length: 65536 }, (_, bits) => bits);
  const changed = (toBits: (value: number) => number, toValue: (bits: number) => number): number[] =>
    all.filter((bits) => !Number.isNaN(toValue(bits)) && toBits(toValue(bits)) !== bits);
  expect(changed(halfBits, halfValue)).toEqual([]);
  expect(changed(bfloatBits, bfloatValue)).toEqual([]);
});

test('rounding goes to the nearest, ties to even', () => {
  const nearest = (value: number, toBits: (v: number) => number, toValue: (b: number) => number): void => {
    const bits = toBits(value);
    const error = Math.abs(toValue(bits) - value);
    for (const other of [bits - 1, bits + 1]) {
      const neighbour = toValue(other & 0xffff);
      if ((bits ^ other) & 0x8000 || !Number.isFinite(neighbour)) continue;
      const gap = Math.abs(neighbour - value);
      expect(gap > error || (gap === error && (bits & 1) === 0), `${value} → ${bits}`).toBe(true);
    }
  };
  const inRange = fc.float({ min: Math.fround(-65500), max: Math.fround(65500), noNaN: true });
  fc.assert(fc.property(inRange, (value) => nearest(value, halfBits, halfValue)), { numRuns: 3000 });
  fc.assert(fc.property(fc.double({ min: -1e-4, max: 1e-4, noNaN: true }).map(Math.fround), (value) => nearest(value, halfBits, halfValue)), { numRuns: 2000 });
  fc.assert(fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, max: Math.fround(3e38), min: Math.fround(-3e38) }), (value) => nearest(value, bfloatBits, bfloatValue)), { numRuns: 3000 });
});
