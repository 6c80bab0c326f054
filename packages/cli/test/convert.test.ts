import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@spatialgan/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callCli } from './callCli.js';

const pickle = fileURLToPath(new URL('../../../internal/goldens/cases/import_pickle_r32/network.pkl', import.meta.url));

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spatialgan-convert-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it("turns eqgan-sa's pickle into a model file and says what it recognised", async () => {
  const out = join(dir, 'cats.safetensors');
  const { code, info, warnings, errors } = await callCli('convert', pickle, out);
  expect({ code, warnings, errors }).toEqual({ code: 0, warnings: [], errors: [] });
  expect(info[0]).toBe('recognised: eqgan-sa (pickle); networks: G, D, G_ema');
  expect(info[1]).toMatch(/^generator: G_ema, 32x32, .* z 32, w 32, c 0, mapping of 2 layers, channels 256\/r up to 16, steered by heatmaps/);
  const model = readModel(await readFile(out));
  expect(model.config.name).toBe('reference32');
  expect([model.G.get('mapping.wAvg')?.shape, model.G.get('synthesis.b32.conv1.noiseConst')?.shape]).toEqual([[32], [32, 32]]);
  expect(model.D?.size).toBe(23);
  expect(model.provenance).toEqual({ importedFrom: 'eqgan-sa', network: 'G_ema', file: 'network.pkl' });
});

it('stores halves, takes another network and leaves D out when asked', async () => {
  const [full, half] = [join(dir, 'full.safetensors'), join(dir, 'half.safetensors')];
  await callCli('convert', pickle, full, '--no-discriminator');
  expect((await callCli('convert', pickle, half, '--network', 'G', '--no-discriminator', '--dtype', 'F16')).code).toBe(0);
  const [long, short] = await Promise.all([readFile(full), readFile(half)]);
  expect(short.length / long.length).toBeLessThan(0.52);
  const [averaged, trained] = [readModel(long), readModel(short)];
  expect([averaged.D, trained.provenance?.['network']]).toEqual([undefined, 'G']);
  expect([...trained.G.keys()]).toEqual([...averaged.G.keys()]);
});

it('names the file and what is wrong with it in one line', async () => {
  const hostile = join(dir, 'hostile.pkl');
  await writeFile(hostile, "cos\nsystem\n(S'touch pwned'\ntR.");
  const cases = [
    [[hostile, 'x.safetensors'], 1, /convert .*hostile\.pkl: pickle: it names "os\.system", .*nothing of it was run/],
    [[join(dir, 'none.pkl'), 'x.safetensors'], 1, /none\.pkl: it does not exist/],
    [[pickle, 'x.onnx'], 2, /ends in \.safetensors, got 'x\.onnx'/],
    [[pickle, 'x.safetensors', '--network', 'g_ema'], 1, /expected a generator named g_ema, the file has G, D, G_ema/],
  ] as const;
  for (const [args, code, message] of cases) {
    const ended = await callCli('convert', ...args);
    expect([ended.code, ended.errors.length, ended.info]).toEqual([code, 1, []]);
    expect(ended.errors[0]).toMatch(message);
  }
});
