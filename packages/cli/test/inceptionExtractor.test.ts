import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSafetensors } from '@spatialgan/checkpoint';
import type { MetricResult } from '@spatialgan/metrics';
import { callCli, type Ended, temporaryFolder } from './callCli.js';
import { writePictures } from './images.js';
import { inceptionPth, inceptionTensors } from './inceptionPth.js';

let home: string;
const cleanups: (() => Promise<void>)[] = [];
const avatars = fileURLToPath(new URL('../../../models/avatars', import.meta.url));

beforeAll(async () => {
  home = await temporaryFolder((done) => cleanups.push(done));
  await writePictures(join(home, 'photos'), 2);
});
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

async function measured(name: string, weights: Uint8Array): Promise<Ended> {
  await writeFile(join(home, name), weights);
  return callCli('metrics', '--model', avatars, '--data', join(home, 'photos'), '--metrics', 'kid,fid', '--num', '2', '--backend', 'wasm', '--cache', join(home, 'cache'), '--extractor', join(home, name), '--json');
}
const resultsOf = ({ info }: Ended): readonly MetricResult[] => (JSON.parse(info.join('\n')) as { readonly results: readonly MetricResult[] }).results;

it("measures with a .pth of Inception's weights, the same as with their safetensors", async () => {
  const pth = inceptionPth();
  const ended = await measured('inception.pth', pth);
  expect(ended).toMatchObject({ code: 0, errors: [] });
  const results = resultsOf(ended);
  expect(results.map(({ metric }) => metric)).toEqual(['kid', 'fid']);
  expect(JSON.stringify(results)).toContain(createHash('sha256').update(pth).digest('hex').slice(0, 16));
  expect(ended.warnings.join('\n')).not.toContain('comparable only among themselves');
  const stored = new Map([...inceptionTensors()].map(([name, tensor]) => [name, { dtype: 'F32' as const, ...tensor }]));
  const others = resultsOf(await measured('inception.safetensors', writeSafetensors(stored)));
  expect(others.map(({ value }) => value)).toEqual(results.map(({ value }) => value));
  expect(results.every(({ value }) => Number.isFinite(value) && value !== 0)).toBe(true);
}, 240_000);

it('names a tensor that the .pth lacks', async () => {
  const ended = await measured('lacking.pth', inceptionPth(['Mixed_6b.branch7x7_2.bn.running_var']));
  expect(ended).toMatchObject({ code: 1, errors: [expect.stringMatching(/--extractor .*lacking\.pth: .*Mixed_6b\.branch7x7_2\.bn\.running_var of shape \[128\], got none/)] });
}, 60_000);
