import { expect, it } from 'vitest';
import { classLabel } from './classLabel.js';

it('a class is one-hot at its place', () => {
  expect(classLabel(3, 0)).toEqual([1, 0, 0]);
  expect(classLabel(3, 2)).toEqual([0, 0, 1]);
});
