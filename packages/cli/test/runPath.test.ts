import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runPath } from '../src/runPath.js';
import { temporaryFolder } from './callCli.js';

const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

it("finds a run by its number, and leaves all else as it is", async () => {
  const home = await temporaryFolder((done) => cleanups.push(done));
  for (const name of ['00000-photos', '00001-a', '00001-b']) await mkdir(join(home, name));
  expect(runPath(join(home, '00000'))).toBe(join(home, '00000-photos'));
  for (const name of ['00001', '00002', '0000', '00000-photos', 'model.safetensors']) expect(runPath(join(home, name))).toBe(join(home, name));
  expect(runPath('/nowhere/00000')).toBe('/nowhere/00000');
});
