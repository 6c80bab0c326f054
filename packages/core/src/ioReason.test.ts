import { expect, it } from 'vitest';
import { ioReason } from './ioReason.js';

it('names a full disk and a full quota, and leaves other errors as they are', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) expect(ioReason(Object.assign(new Error(`${code}: write`), { code }))).toBe('the disk is full; free space');
  expect(ioReason(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }))).toBe('EACCES: permission denied');
  expect(ioReason(new Error('plain'))).toBe('plain');
});
