import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunFolder } from '../src/runFolder.js';
import { newRunFile, type TrainOptions } from '../src/trainOptions.js';
import { callCli, temporaryFolder } from './callCli.js';
import { writeBadPictures, writePictures } from './images.js';

let home: string;
let run: string;
const cleanups: (() => Promise<void>)[] = [];
const at = (...names: string[]): string => join(home, ...names);

const options: TrainOptions = {
  data: 'photos', outdir: 'runs', resolution: 16, preset: 'paper', batch: 8, workers: 1, kimg: 1, seed: 4, backend: 'cpu', onBad: 'skip', mirror: false,
  latentDim: 16, channelMax: 16, lr: 0.002, alignWeight: 1, aug: 'noaug', augpipe: 'bgc', target: 0.6, tick: 1, snap: 1, checkpoint: 1,
};

beforeAll(async () => {
  home = await temporaryFolder((done) => cleanups.push(done));
  await Promise.all([writePictures(at('photos'), 3), writeBadPictures(at('bad')), mkdir(at('empty')), writeFile(at('file'), 'x')]);
  await writePictures(at('some-bad'), 2);
  await writeBadPictures(at('some-bad'));
  await writeFile(at('cut.zip'), Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(40)]));
  await writeFile(at('file.safetensors'), 'no model');
  run = (await createRunFolder(at('made'), newRunFile({ ...options, data: at('photos') }, ['spatialgan', 'train']))).dir;
  await mkdir(at('torn'));
  await writeFile(at('torn', 'config.json'), '{"version": 1, "ru');
  await mkdir(at('later'));
  await writeFile(at('later', 'config.json'), '{"version": 2}');
});
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

/** Arguments after `train`, with places in the test's folder written as @name. */
const trainRefusals: readonly [words: string, code: number, message: RegExp][] = [
  ['', 2, /expected --data FOLDER, ZIP, 'avatars' or 'rooms' \(or --resume RUN\), got neither/],
  ['--data @photos --bogus', 2, /unknown option '--bogus'/],
  ['--data @photos --batch 0', 2, /--batch <n>' argument '0' is invalid. Expected a whole number from 1 to 4096/],
  ['--data @photos --batch 2.5', 2, /Expected a whole number/],
  ['--data @photos --kimg many', 2, /Expected a number/],
  ['--data @photos --preset best', 2, /Allowed choices are paper, reference, baseline/],
  ['--data @photos --config table9', 2, /Allowed choices are baseline, sel, sel-align, sampling\/noise/],
  ['--data @photos --config baseline --preset paper', 2, /option '--config <name>' cannot be used with option '--preset <name>'/],
  ['--data @photos --aug fixed', 2, /--aug fixed: expected --p, the probability, got none/],
  ['--data @photos --aug ada --augpipe bgx', 2, /Allowed choices are blit, geom/],
  ['--data @photos --backend abacus', 2, /Allowed choices are auto/],
  ['--data @photos --resolution 24', 2, /--resolution <pixels>' argument '24' is invalid. Expected a power of two from 8 to 1024/],
  ['--data @missing', 1, /got '.*missing', which does not exist/],
  ['--data @empty', 1, /empty: expected PNG, JPEG or WebP images, found none/],
  ['--data @bad', 1, /3 of 3 images cannot be used: cut\.jpg \(it is damaged or cut off\); empty\.png \(the file is empty\); text\.jpg/],
  ['--data @some-bad --on-bad refuse', 1, /3 of 5 images cannot be used: cut\.jpg .* mend or remove them, or have bad files skipped/],
  ['--data @cut.zip', 1, /cut\.zip is refused: it is no whole zip file/],
  ['--data @file', 1, /file is refused: it is no whole zip file/],
  ['--data @photos --outdir @file/runs', 1, /cannot write .*file\/runs: ENOTDIR.*give another --outdir/],
  ['--data @photos --init @empty', 1, /--init: expected a run's folder or a model file, got '.*empty', a folder that holds nothing/],
  ['--data @photos --init @run', 1, /--init: .* has no checkpoint yet/],
  ['--resume @missing', 1, /missing: expected a run's folder with a config.json/],
  ['--resume @empty', 1, /empty: expected a run's folder with a config.json/],
  ['--resume @torn', 1, /torn\/config.json: .*restore it or start a new run/],
  ['--resume @later', 1, /expected version 1, got 2/],
  ['--resume @run --resolution 32 --seed 3', 2, /keeps the configuration it began with, got --resolution 32 \(the run has 16\), --seed 3 \(the run has 4\)/],
  ['--resume @run --mirror', 2, /got --mirror true \(the run has false\)/],
  ['--resume @run --init @run', 2, /--init: expected a new run, got --resume/],
  ['--resume @run --cfg auto', 2, /--cfg: expected a new run, got --resume/],
  ['--data @photos --cfg huge', 2, /Allowed choices are small, auto, stylegan2/],
  ['--data @photos --cfg paper256 --resolution 64', 2, /size paper256: expected images of 256x256, got 64x64/],
  ['--data @photos --freezed 50', 2, /freezeLayers must be from 0 to 4/],
  ['--data @photos --cond', 1, /--cond: expected labels in the dataset.json of .*photos, found none/],
  ['--data @photos --overfit 0', 2, /Expected a whole number from 1/],
];

describe('train refuses, with one error, an exit code and no run folder left behind:', () => {
  it.each(trainRefusals)('%s', async (words, code, message) => {
    await rm(at('runs'), { recursive: true, force: true });
    const outdir = words.includes('--outdir') ? [] : ['--outdir', at('runs')];
    const args = words.split(' ').filter(Boolean).map((word) => (word === '@run' ? run : word.replace(/^@/, `${home}/`)));
    const backend = words.includes('--backend') ? [] : ['--backend', 'cpu'];
    const ended = await callCli('train', ...args, ...outdir, ...backend, ...(words.includes('--resolution') || words.includes('--resume') ? [] : ['--resolution', '8']));
    expect(ended.errors.join('')).toMatch(message);
    expect(ended.errors.join('')).not.toMatch(/\n {4}at /);
    expect(ended.code).toBe(code);
    expect(await readdir(at('runs')).catch(() => [])).toEqual([]);
  });
});

describe('a run in use', () => {
  it('is not trained twice at once, and is free again once its process is gone', async () => {
    await writeFile(join(run, 'train.pid'), `${process.ppid}\n`);
    const args = ['train', '--resume', run, '--backend', 'cpu', '--kimg', '0.008'] as const;
    expect(await callCli(...args)).toMatchObject({ code: 1, errors: [expect.stringContaining(`process ${process.ppid} is training this run`)] });
    await writeFile(join(run, 'train.pid'), '2147483646\n');
    expect(await callCli(...args)).toMatchObject({ code: 0, errors: [], warnings: [expect.stringContaining('has no checkpoint yet: it begins anew')] });
    expect(await readdir(run)).not.toContain('train.pid');
    // The options that decide nothing may come with --resume, and so may the same ones.
    const { schedule } = JSON.parse(await readFile(join(run, 'config.json'), 'utf8')) as { schedule: object };
    expect(schedule).toEqual({ kimg: 0.008, tick: 1, snap: 1, checkpoint: 1 });
    expect(await callCli(...args, '--resolution', '16', '--seed', '4', '--preset', 'paper', '--lr', '0.002')).toMatchObject({ code: 0 });
  }, 60_000);
});

const otherRefusals: readonly [words: string, code: number, message: RegExp][] = [
  ['', 2, /Usage: spatialgan/],
  ['paint', 2, /unknown command 'paint'/],
  ['sample --model @missing', 1, /--model: expected a run's folder or a model file, got '.*missing', which does not exist/],
  ['sample --model @empty', 1, /expected a run's folder/],
  ['sample --model @file.safetensors', 1, /safetensors: expected/],
  ['sample --seeds 3-1', 2, /--seeds: expected an ascending range/],
  ['sample --seeds a', 2, /--seeds: expected numbers and ranges/],
  ['sample --layout @missing', 1, /--layout: expected a JSON file, cannot read/],
  ['sample --layout @file', 1, /file: expected JSON/],
  ['export --model @empty', 2, /required option '--out <file>' not specified/],
  ['export --model @missing --out @x.safetensors', 1, /which does not exist/],
  ['export --model @missing --out @x.txt', 2, /safetensors/],
  ['edit --port 70000', 2, /Expected a whole number from 0 to 65535/],
];

describe('other commands refuse:', () => {
  it.each(otherRefusals)('%s', async (words, code, message) => {
    const ended = await callCli(...words.split(' ').filter(Boolean).map((word) => word.replace(/^@/, `${home}/`)));
    expect([...ended.errors, ...ended.info].join('')).toMatch(message);
    expect(ended.code).toBe(code);
  });
});
