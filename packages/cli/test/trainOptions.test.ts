import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { latestCheckpoint } from '@spatialgan/checkpoint/node';
import type { TrainingSnapshot } from '@spatialgan/core';
import { readModel } from '@spatialgan/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCli, type Ended, temporaryFolder } from './callCli.js';
import { writePictures } from './images.js';

let home: string;
/** A finished run of 3 steps on labelled pictures. */
let labelled: string;
let model: string;
const cleanups: (() => Promise<void>)[] = [];
const at = (...names: string[]): string => join(home, ...names);

const small = ['--resolution', '8', '--channel-base', '64', '--channel-max', '8', '--latent-dim', '8', '--batch', '4', '--seed', '3', '--backend', 'wasm', '--tick', '0.004'];
const trainInto = (outdir: string, ...more: string[]): Promise<Ended> =>
  callCli('train', '--data', at('photos'), '--outdir', at(outdir), ...small, '--kimg', '0.012', ...more);
const onlyRun = async (outdir: string): Promise<string> => at(outdir, (await readdir(at(outdir)))[0]!);
const snapshotOf = async (run: string): Promise<TrainingSnapshot> => (await latestCheckpoint<TrainingSnapshot['state']>(run)).checkpoint!;
const sizesOf = async (run: string, group: string): Promise<Map<string, string>> =>
  new Map([...(await snapshotOf(run)).groups[group]!].map(([path, { shape }]) => [path, shape.join()]));

beforeAll(async () => {
  home = await temporaryFolder((done) => cleanups.push(done));
  await writePictures(at('photos'), 12);
  const files = (await readdir(at('photos'), { recursive: true })).filter((name) => /\.\w+$/.test(name));
  await writeFile(at('photos', 'dataset.json'), JSON.stringify({ labels: files.map((file, i) => [file, i % 3]) }));
  const ended = await trainInto('labelled', '--cond', '--tensorboard', '--keep', '1', '--checkpoint', '0.004');
  expect(ended).toMatchObject({ code: 0, errors: [] });
  expect(ended.info).toContainEqual(expect.stringMatching(/photos: 12 images, labels of 3$/));
  labelled = await onlyRun('labelled');
  model = at('model.safetensors');
  expect(await callCli('export', '--model', labelled, '--out', model)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

describe('--cond', () => {
  it('gives both networks the labels of dataset.json, and goes on with them', async () => {
    expect((await sizesOf(labelled, 'G')).get('mapping.embed.weight')).toBe('3,8');
    expect((await sizesOf(labelled, 'D')).has('mapping.embed.weight')).toBe(true);
    expect(await callCli('train', '--resume', labelled, '--backend', 'wasm', '--kimg', '0.016')).toMatchObject({ code: 0, errors: [] });
    expect(await callCli('train', '--resume', labelled, '--backend', 'wasm', '--kimg', '0.02', '--cond')).toMatchObject({ code: 0 });
  }, 60_000);

  it('is seen in the samples', async () => {
    for (const number of ['0', '2']) expect(await callCli('sample', '--model', model, '--seeds', '0', '--class', number, '--backend', 'wasm', '--out', at(`${number}.png`))).toMatchObject({ code: 0, errors: [] });
    expect(await readFile(at('0.png'))).not.toEqual(await readFile(at('2.png')));
    expect(await callCli('sample', '--model', model, '--class', '3', '--out', at('3.png'))).toMatchObject({ code: 2, errors: [expect.stringMatching(/--class: expected a class from 0 to 2, got 3/)] });
  }, 60_000);

  it('says when there are no labels, or fewer', async () => {
    expect(await trainInto('none', '--data', 'avatars', '--cond')).toMatchObject({ code: 1, errors: [expect.stringMatching(/--cond: expected labels in the dataset.json/)] });
    expect(await readdir(at('none')).catch(() => [])).toEqual([]);
  }, 60_000);
});

describe('what is written', () => {
  it('is as many checkpoints as asked for, and an event file', async () => {
    expect(await readdir(join(labelled, 'checkpoints'))).toHaveLength(1);
    const events = (await readdir(labelled)).filter((name) => name.startsWith('events.out.tfevents.'));
    expect(events.length).toBeGreaterThan(0);
    const bytes = Buffer.concat(await Promise.all(events.map((name) => readFile(join(labelled, name)))));
    for (const word of ['brain.Event:2', 'Loss/D/adversarial', 'fakes', 'PNG']) expect(bytes.includes(word), word).toBe(true);
  });

  it('is nothing with --dry-run, which says all that was decided', async () => {
    const ended = await trainInto('dry', '--cfg', 'auto', '--style-mixing', '0.9', '--path-length', '2', '--freezed', '2', '--ema-rampup', '0', '--dry-run', '--aug', 'ada', '--cond', '--mirror');
    expect(ended).toMatchObject({ code: 0, errors: [] });
    const said = ended.info.join('\n');
    for (const words of [
      /dry run: nothing is written; it would go to .*dry/, /steered by norm at 4 \(1\), 8 \(2\)/, /^ {2}G [\d,]+ numbers, [\d,]+ of them not trained$/m, /^ {2}D [\d,]+ numbers, [\d,]+ of them not trained$/m,
      /r1 every 16 steps, pathLength every 4 steps, alignAttention/, /batch 4, 3 steps to kimg 0.012, lr 0.0025, gamma 0.0032, average of 1.25 kimg, style mixing 0.9, augmentation bgc towards 0.6/,
      /photos, mirrored at random, 3 labels; seed 3/,
    ]) expect(said).toMatch(words);
    expect(await readdir(at('dry')).catch(() => [])).toEqual([]);
  }, 60_000);
});

describe('--init', () => {
  it('begins with a model file; what it lacks stays fresh, layers of D are frozen', async () => {
    const ended = await trainInto('transferred', '--init', model, '--cond', '--freezed', '3', '--config', 'indoor/sel');
    expect(ended).toMatchObject({ code: 0, errors: [] });
    expect(ended.info).toContainEqual('initialized with networks of paper8');
    expect(ended.info).toContainEqual(expect.stringMatching(/^ {2}G: \d+ tensors taken, \d+ have no place here \(synthesis.b4.conv1.sel/));
    const run = await onlyRun('transferred');
    const stored = (await snapshotOf(run)).groups;
    expect([...stored['adamD.m']!.keys()].some((path) => path.startsWith('b8.conv0'))).toBe(false);
    expect(stored['adamD.m']!.has('b4.conv.weight')).toBe(true);
    // No step has changed them: they are the model's own.
    const given = readModel(await readFile(model));
    for (const layer of ['b8.fromrgb.weight', 'b8.conv0.weight', 'b8.conv1.weight']) expect(stored['D']!.get(layer), layer).toEqual(given.D!.get(layer));
  }, 60_000);

  it('says what does not fit and which options would make it fit', async () => {
    const ended = await trainInto('misfit', '--init', model, '--latent-dim', '16', '--cond');
    expect(ended).toMatchObject({ code: 1, errors: [expect.stringMatching(/--init: networks of paper8 do not fit: \d+ of \d+ tensors have other shapes: G.mapping.embed.weight is .*they are of --latent-dim 8 \(here 16\); train with their sizes/)] });
    await writeFile(at('x.pkl'), 'x');
    expect(await trainInto('pickle', '--init', at('x.pkl'))).toMatchObject({ code: 1, errors: [expect.stringMatching(/spatialgan convert .*x.pkl model.safetensors/)] });
    expect(await trainInto('missing', '--init', at('nowhere'))).toMatchObject({ code: 1, errors: [expect.stringMatching(/--init: .*nowhere', which does not exist/)] });
  }, 60_000);
});

describe('a run', () => {
  it('ends in time, with a checkpoint', async () => {
    const ended = await trainInto('late', '--kimg', '1000', '--max-time', '1s');
    expect(ended).toMatchObject({ code: 0, errors: [] });
    expect(ended.info.at(-1)).toMatch(/^out of time \(--max-time\) at kimg \S+; go on with: spatialgan train --resume \S+$/);
    expect((await snapshotOf(await onlyRun('late'))).state.step).toBeGreaterThan(0);
    for (const wrong of ['soon', '5', '1h30', '0s']) expect(await trainInto('late', '--max-time', wrong)).toMatchObject({ code: 2, errors: expect.arrayContaining([expect.stringMatching(/Expected a time such as 45s/)]) as unknown });
  }, 60_000);

  it('sees only the first images with --overfit', async () => {
    expect(await trainInto('few', '--overfit', '2')).toMatchObject({ code: 0, info: expect.arrayContaining([expect.stringMatching(/photos: 2 images$/)]) as unknown });
    expect((await snapshotOf(await onlyRun('few'))).state.cursor).toMatchObject({ length: 2 });
  }, 60_000);

  it('refuses another configuration with the differences, and takes it with --force where it can', async () => {
    expect(await trainInto('forced')).toMatchObject({ code: 0 });
    const run = await onlyRun('forced');
    const resume = (...more: string[]): Promise<Ended> => callCli('train', '--resume', run, '--backend', 'wasm', '--kimg', '0.016', ...more);
    expect(await resume('--gamma', '3', '--lr', '0.001')).toMatchObject({
      code: 2, errors: [expect.stringMatching(/got --lr 0.001 \(the run has 0.0025\), --gamma 3 \(the run has 0.0032\); leave that out, go on all the same with --force/)],
    });
    expect(await resume('--latent-dim', '16', '--force')).toMatchObject({ code: 2, errors: [expect.stringMatching(/--latent-dim 16 \(the run has 8\); leave that out, or start a new run/)] });
    const forced = await resume('--gamma', '3', '--force');
    expect(forced).toMatchObject({ code: 0, errors: [], warnings: ['--force: training.r1.gamma: 0.0032 → 3'] });
    const path = join(run, 'config.json');
    const text = await readFile(path, 'utf8');
    expect(text).toContain('"gamma": 3');
    await writeFile(path, text.replace('"gamma": 3', '"gamma": 4'));
    expect(await resume('--kimg', '0.02')).toMatchObject({ code: 2, errors: [expect.stringMatching(/not the one that its checkpoint was written under: training.r1.gamma: 3 → 4; restore its config.json/)] });
    expect(await trainInto('new', '--force')).toMatchObject({ code: 2, errors: [expect.stringMatching(/--force: expected --resume RUN/)] });
  }, 120_000);
});
