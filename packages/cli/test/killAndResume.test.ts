import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel } from '@spatialgan/model';
import { decodeImage } from '@spatialgan/data/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callCli, type Ended, spawnCli, temporaryFolder } from './callCli.js';
import { writeBadPictures, writePictures } from './images.js';

const steps = 44;
const kimg = String((steps * 4) / 1000);
let home: string;
let whole: string;
const cleanups: (() => Promise<void>)[] = [];

const trainArgs = (outdir: string): string[] => [
  'train', '--data', join(home, 'photos'), '--data-licence', 'CC0, by nobody', '--outdir', outdir, '--resolution', '8', '--channel-base', '64',
  '--channel-max', '8', '--latent-dim', '8', '--batch', '4', '--mirror', '--seed', '3', '--backend', 'wasm', '--kimg', kimg,
  '--tick', '0.004', '--snap', '0.04', '--checkpoint', '0.012',
];
const onlyRun = async (outdir: string): Promise<string> => {
  const names = await readdir(outdir);
  expect(names).toEqual(['00000-photos-paper8-batch4']);
  return join(outdir, names[0]!);
};

/** The bytes of the newest checkpoint, the statistics without the clock, the sheets: all that a run gives. */
async function outcomeOf(run: string): Promise<unknown> {
  const { checkpoint } = JSON.parse(await readFile(join(run, 'latest.json'), 'utf8')) as { checkpoint: string };
  const { files, state } = JSON.parse(await readFile(join(run, checkpoint, 'manifest.json'), 'utf8')) as { files: Record<string, unknown>; state: unknown };
  const stats = (await readFile(join(run, 'stats.jsonl'), 'utf8')).trim().split('\n').map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 }));
  const names = (await readdir(run)).sort();
  const sheets = await Promise.all(names.filter((name) => name.endsWith('.png')).map(async (name) => (await readFile(join(run, name))).toString('base64')));
  return { files, state, stats, names, sheets, checkpoints: (await readdir(join(run, 'checkpoints'))).sort() };
}

/** Ends a training at a random moment of its first steps. */
function endedByChance(args: readonly string[], signal: NodeJS.Signals, moments: string[]): Promise<Ended> {
  let ticks = 1 + Math.floor(Math.random() * 4);
  const delay = Math.random() * 20;
  moments.push(`${signal} ${delay.toFixed(1)} ms after tick ${ticks}`);
  return spawnCli(args, (line, kill) => {
    if (line.startsWith('step ') && --ticks === 0) setTimeout(() => kill(signal), delay);
  });
}

beforeAll(async () => {
  home = await temporaryFolder((done) => cleanups.push(done));
  await writePictures(join(home, 'photos'), 21);
  await writeBadPictures(join(home, 'photos'));
  const { code, warnings, info } = await callCli(...trainArgs(join(home, 'whole')));
  expect(code).toBe(0);
  expect(warnings).toEqual([
    'left out cut.jpg: it is damaged or cut off', 'left out empty.png: the file is empty',
    'left out text.jpg: it is no PNG, JPEG or WebP, or damaged from its start',
  ]);
  expect(info).toContainEqual(expect.stringMatching(/^data .*photos: 21 images, 3 left out$/));
  whole = await onlyRun(join(home, 'whole'));
}, 120_000);
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

it('killed at random moments, stopped by SIGTERM and by Ctrl-C, a run ends with the bytes of one that never stopped', async () => {
  const moments: string[] = [];
  const first = await endedByChance(trainArgs(join(home, 'killed')), 'SIGKILL', moments);
  expect(first.signal, moments.join()).toBe('SIGKILL');
  const run = await onlyRun(join(home, 'killed'));
  const resume = ['train', '--resume', run, '--backend', 'wasm'];
  expect((await endedByChance(resume, 'SIGKILL', moments)).signal, moments.join()).toBe('SIGKILL');
  expect((await endedByChance(resume, 'SIGTERM', moments)).code, moments.join()).toBe(143);
  const stopped = await endedByChance(resume, 'SIGINT', moments);
  expect(stopped.code, moments.join()).toBe(130);
  expect(stopped.info.at(-1)).toMatch(/^aborted at kimg .*; go on with: spatialgan train --resume \S+$/);
  const at = Number(/aborted at kimg (\S+);/.exec(stopped.info.at(-1)!)![1]);
  const last = await callCli(...resume);
  expect(last).toMatchObject({ code: 0, errors: [] });
  expect(last.info).toContain(`resumed at kimg ${at.toFixed(3)} (step ${Math.round(at * 250)})`);
  const [got, wanted] = [await outcomeOf(run), await outcomeOf(whole)];
  // An end by signal draws and saves where an uninterrupted run does not.
  expect(got, moments.join()).toMatchObject({ ...(wanted as object), names: expect.anything() as unknown, sheets: expect.anything() as unknown, checkpoints: expect.anything() as unknown });
  expect((got as { names: string[] }).names).toEqual(expect.arrayContaining((wanted as { names: string[] }).names));
}, 480_000);

it('with its newest checkpoint damaged, a run says so, goes on from the one before and ends with the same bytes', async () => {
  const run = join(home, 'damaged');
  await cp(whole, run, { recursive: true });
  const { checkpoint } = JSON.parse(await readFile(join(run, 'latest.json'), 'utf8')) as { checkpoint: string };
  const path = join(run, checkpoint, 'adamD.v.safetensors');
  const bytes = await readFile(path);
  bytes[bytes.length - 3]! ^= 1;
  await writeFile(path, bytes);
  const { code, warnings, info } = await callCli('train', '--resume', run, '--backend', 'wasm');
  expect(code).toBe(0);
  expect(warnings).toContainEqual(expect.stringMatching(/^checkpoint step-000000044 is damaged and was passed over: .*its checksum differs/));
  expect(info).toContain('resumed at kimg 0.168 (step 42)');
  const [got, wanted] = [await outcomeOf(run), await outcomeOf(whole)] as { files: unknown; state: unknown; stats: unknown }[];
  expect([got!.files, got!.state, got!.stats]).toEqual([wanted!.files, wanted!.state, wanted!.stats]);
}, 60_000);

it('at its goal a run has nothing to do; from another place of the same images it goes on, from other images not', async () => {
  const done = await callCli('train', '--resume', whole);
  expect(done).toMatchObject({ code: 0, info: [expect.stringMatching(/is at kimg 0.176 of 0.176: nothing to do; give --kimg K/)] });
  const run = join(home, 'moved');
  await Promise.all([cp(whole, run, { recursive: true }), cp(join(home, 'photos'), join(home, 'moved-photos'), { recursive: true })]);
  const goOn = (data: string): Promise<Ended> => callCli('train', '--resume', run, '--backend', 'wasm', '--kimg', '0.18', '--data', data);
  expect(await goOn(join(home, 'moved-photos'))).toMatchObject({ code: 0, errors: [] });
  await writePictures(join(home, 'others'), 20);
  const refused = await callCli('train', '--resume', run, '--backend', 'wasm', '--kimg', '0.19', '--data', join(home, 'others'));
  expect(refused).toMatchObject({ code: 1, errors: [expect.stringMatching(/expected the 21 images of moved-photos .* got 20 images/)] });
}, 60_000);

it('a run is sampled and exported; the model names its licences and gives the same images', async () => {
  const [model, fromRun, fromModel] = [join(home, 'model.safetensors'), join(home, 'run.png'), join(home, 'model.png')];
  expect(await callCli('export', '--model', whole, '--out', model)).toMatchObject({ code: 0 });
  const { provenance } = readModel(await readFile(model));
  expect(provenance).toMatchObject({ data: 'photos', images: 21, licences: ['CC0, by nobody'], kimg: 0.176, seed: 3 });
  expect(JSON.stringify(provenance)).not.toContain(home);
  const sample = (from: string, out: string): Promise<Ended> => callCli('sample', '--model', from, '--seeds', '0-4', '--scale', '2', '--backend', 'wasm', '--out', out);
  for (const [from, out] of [[whole, fromRun], [model, fromModel]] as const) expect(await sample(from, out)).toMatchObject({ code: 0, errors: [] });
  expect(await readFile(fromModel)).toEqual(await readFile(fromRun));
  const pixels = await decodeImage(await readFile(fromRun), { resolution: 8, fit: 'fill' });
  expect(new Set(pixels).size).toBeGreaterThan(8);
}, 60_000);

it('a run begins with the networks of another one when asked, and its first sheet is the last of that one', async () => {
  const args = trainArgs(join(home, 'begun')).map((word, i, all) => (all[i - 1] === '--kimg' ? '0.004' : word));
  expect(await callCli(...args, '--init', whole)).toMatchObject({ code: 0, errors: [] });
  const run = await onlyRun(join(home, 'begun'));
  expect(await readFile(join(run, 'fakes-00000000.png'))).toEqual(await readFile(join(whole, 'fakes-00000176.png')));
  expect((await readdir(join(run, 'checkpoints'))).sort()).toEqual(['step-000000000', 'step-000000001']);
}, 60_000);
