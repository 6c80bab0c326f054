import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelPath } from '../src/modelPath.js';
import { callCli, temporaryFolder } from './callCli.js';

let home: string;
const cleanups: (() => Promise<void>)[] = [];
const at = (...names: string[]): string => join(home, ...names);

beforeAll(async () => {
  home = await temporaryFolder((done) => cleanups.push(done));
  const files = {
    one: ['README.md', 'config.json', 'cats.safetensors'], named: ['a.safetensors', 'model.safetensors'], two: ['a.safetensors', 'b.safetensors'], photos: ['1.png', '2.png'], empty: [],
    'runs/00000-photos': ['config.json'], 'runs/00001-photos': ['config.json', 'exported.safetensors', 'checkpoints/latest'],
  };
  for (const [folder, names] of Object.entries(files)) {
    await mkdir(at(folder, folder.endsWith('1-photos') ? 'checkpoints' : ''), { recursive: true });
    for (const name of names) await writeFile(at(folder, name), '');
  }
});
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

it('a folder without checkpoints stands for the model in it, a run for itself, whatever was exported into it', () => {
  expect(modelPath(at('one'), '--model')).toBe(at('one', 'cats.safetensors'));
  expect(modelPath(at('named'), '--model')).toBe(at('named', 'model.safetensors'));
  expect(modelPath(at('one', 'cats.safetensors'), '--model')).toBe(at('one', 'cats.safetensors'));
  for (const number of ['00000', '00001']) expect(modelPath(at('runs', number), '--model')).toBe(at('runs', `${number}-photos`));
});

it('says what a folder holds that is neither', () => {
  const messages = { two: 'the models a.safetensors, b.safetensors; give one of them', runs: 'the runs 00000-photos, 00001-photos; give one of them', photos: '1.png, 2.png', empty: 'nothing' };
  for (const [name, message] of Object.entries(messages)) expect(() => modelPath(at(name), '--init')).toThrow(`--init: expected a run's folder or a model file, got '${at(name)}', a folder that holds ${message}`);
  expect(() => modelPath(at('nowhere'), '--model')).toThrow(/nowhere', which does not exist/);
});

it('says so of a run to go on with, too', async () => {
  const [holding, missing, file] = [at('runs'), at('runs', '00007'), at('one', 'README.md')];
  for (const [path, got] of [[holding, 'a folder that holds the runs 00000-photos, 00001-photos; give one of them'], [missing, 'nothing there'], [file, 'a file']] as const) {
    expect(await callCli('train', '--resume', path)).toMatchObject({ code: 1, errors: [`${path}: expected a run's folder with a config.json, as 'spatialgan train' makes it, got ${got}`] });
  }
});

it('opens the folder of a bundled model', async () => {
  const avatars = fileURLToPath(new URL('../../../models/avatars', import.meta.url));
  const ended = await callCli('sample', '--model', avatars, '--seeds', '0', '--backend', 'wasm', '--out', at('one.png'));
  expect(ended).toMatchObject({ code: 0, errors: [], info: [expect.stringMatching(/one\.png: 1 image of paper32/)] });
}, 60_000);
