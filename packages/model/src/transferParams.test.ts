import type { ParamData } from '@spatialgan/core';
import { expect, it } from 'vitest';
import { transferParams } from './transferParams.js';

const params = (entries: Readonly<Record<string, readonly number[]>>, fill: number): Map<string, ParamData> =>
  new Map(Object.entries(entries).map(([path, shape]) => [path, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(fill) }]));

it('takes what both have, leaves the rest fresh and says which', () => {
  const { params: got, ...rest } = transferParams('G', params({ a: [2], b: [1], sel: [1] }, 0), params({ a: [2], b: [1], old: [3] }, 1));
  expect(rest).toEqual({ taken: ['a', 'b'], fresh: ['sel'], unused: ['old'] });
  expect([...got].map(([path, { data }]) => [path, data[0]])).toEqual([['a', 1], ['b', 1], ['sel', 0]]);
});

it('refuses other shapes and strangers', () => {
  const other = params({ a: [3], b: [1, 2], c: [2], d: [2], e: [2] }, 1);
  expect(() => transferParams('G', params({ a: [2], b: [1], c: [2], d: [1], e: [1] }, 0), other)).toThrow(
    /^4 of 5 tensors have other shapes: G.a is \[2\] here and \[3\] there; G.b is \[1\] here and \[1,2\] there; G.d .*; and 1 more$/,
  );
  expect(() => transferParams('D', params({ x: [1] }, 0), other)).toThrow(/none of the 1 tensors of D is there/);
});
