import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { longest } from './longestFirst.js';

it('names only test files that exist', () => {
  expect(longest.filter((file) => !existsSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url))))).toEqual([]);
});
