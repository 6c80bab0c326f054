import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeWhole } from '../decodeImage.js';
import { rooms } from '../rooms/rooms.js';
import { zipDataset } from '../zipDataset.js';
import { zipSource } from '../zipSource.js';
import { zipOf } from '../zipWriter.test-kit.js';
import type { DatasetRecords } from './datasetRecords.js';
import { makeDataset } from './makeDataset.js';
import { keyOf } from './makeJournal.js';
import { openRecords } from './openRecords.js';
import { roomRecords } from './proceduralRecords.js';

let root = '';
const square = { resolution: 8, transform: 'center-crop', filter: 'box', labels: 'json' } as const;
const plain = (red: number): Promise<Buffer> => sharp({ create: { width: 8, height: 8, channels: 3, background: { r: red, g: 0, b: 0 } } }).png().toBuffer();
const write = async (name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> => {
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, name, file)), { recursive: true });
    await writeFile(join(root, name, file), bytes);
  }
  return join(root, name);
};
const jsonOf = async (zip: string, file = 'dataset.json'): Promise<Record<string, unknown>> => {
  const source = await zipSource(zip);
  source.dispose();
  const bytes = await readFile(zip);
  const at = bytes.indexOf(file, 0, 'latin1') + file.length;
  const size = bytes.readUInt32LE(at - file.length - 30 + 22);
  return JSON.parse(bytes.subarray(at, at + size).toString()) as Record<string, unknown>;
};

/** Records that cost nothing, of which some are bad. */
const fakeRecords = (length: number, { bad = [], stopAt = Infinity }: { bad?: readonly number[]; stopAt?: number } = {}): DatasetRecords => ({
  name: 'fake', length, resolution: 8, hasInstances: true, identity: { length }, title: (index) => `fake ${index}`, label: (index) => index % 3,
  async read(index) {
    if (index >= stopAt) throw Object.assign(new Error('pulled the plug'), { name: 'SpatialGANError', code: 'ABORTED' });
    if (bad.includes(index)) throw new Error('it is bad');
    return { pixels: new Uint8Array(192).fill(index), instances: new Uint8Array(64).fill(index % 2), objects: [{ instance: 1, number: index }] };
  },
});

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spatialgan-make-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("a folder becomes StyleGAN2-ADA's zip: its names, its labels in the images' order, nothing packed", async () => {
  const source = await write('animals', {
    'b.png': await plain(2), 'a/z.png': await plain(1), 'c.txt': 'no image',
    'dataset.json': JSON.stringify({ labels: [['b.png', 1], ['a/z.png', 0]] }),
  });
  const dest = join(root, 'new', 'animals.zip');
  expect(await makeDataset(await openRecords(source, square), { dest })).toEqual({ images: 2, bad: [], resumed: 0 });
  expect(await readdir(dirname(dest))).toEqual(['animals.zip']);
  expect(await jsonOf(dest)).toEqual({ labels: [['00000/img00000000.png', 0], ['00000/img00000001.png', 1]] });
  const data = await zipDataset(dest, { resolution: 8 });
  expect(data.files).toEqual(['00000/img00000000.png', '00000/img00000001.png']);
  expect([(await data.image(0))[0], (await data.image(1))[0], [...data.label!(1)]]).toEqual([1, 2, [0, 1]]);
  data.dispose();
  const bytes = await readFile(dest);
  expect([bytes.readUInt16LE(8), bytes.readUInt32LE(18)]).toEqual([0, bytes.readUInt32LE(22)]);
});

test('folders are classes when asked for, numbered in the order of their names', async () => {
  const source = await write('classes', { 'dogs/1.png': await plain(1), 'cats/1.png': await plain(2), 'cats/deep/2.png': await plain(3) });
  const dest = join(root, 'classes.zip');
  await makeDataset(await openRecords(source, { ...square, labels: 'folders' }), { dest });
  expect(await jsonOf(dest)).toEqual({
    labels: [['00000/img00000000.png', 0], ['00000/img00000001.png', 0], ['00000/img00000002.png', 1]], classes: ['cats', 'dogs'],
  });
  await write('classes', { 'loose.png': await plain(4) });
  await expect(openRecords(source, { ...square, labels: 'folders' })).rejects.toThrow(/a folder that names its class, got loose\.png in none/);
});

test('bad images are named and left out, or stop the work, which goes on when they are mended', async () => {
  const files = { '1.png': await plain(1), '2.png': 'text', '3.png': await plain(3) };
  const source = await write('harmed', files);
  const dest = join(root, 'harmed.zip');
  await expect(makeDataset(await openRecords(source, square), { dest, onBad: 'refuse' })).rejects.toThrow(/2\.png cannot be used: it is no PNG, JPEG or WebP/);
  expect((await readdir(root)).filter((name) => name.startsWith('harmed.zip'))).toEqual(['harmed.zip.journal', 'harmed.zip.partial']);
  await write('harmed', { '2.png': await plain(2) });
  expect(await makeDataset(await openRecords(source, square), { dest, onBad: 'refuse' })).toEqual({ images: 3, bad: [], resumed: 1 });

  await write('harmed', { '2.png': 'text' });
  const made = await makeDataset(await openRecords(source, square), { dest, force: true });
  expect(made).toEqual({ images: 2, resumed: 0, bad: [{ file: '2.png', reason: 'it is no PNG, JPEG or WebP, or damaged from its start' }] });
  const only = await write('only', { '2.png': 'text' });
  await expect(makeDataset(await openRecords(only, square), { dest: join(root, 'only.zip') })).rejects.toThrow(/none of 1 images can be used: 2\.png \(it is no/);
});

test('wherever the work was cut off, it goes on to the same bytes', async () => {
  const whole = join(root, 'whole.zip');
  const bad = [3, 40, 41, 99];
  await makeDataset(fakeRecords(100, { bad }), { dest: whole });
  const expected = [await readFile(whole), await readFile(join(root, 'whole-masks.zip'))];
  for (const [i, stopAt] of [1, 32, 33, 64, 97].entries()) {
    const dest = join(root, `cut${i}.zip`);
    await expect(makeDataset(fakeRecords(100, { bad, stopAt }), { dest })).rejects.toThrow('pulled the plug');
    const sizes = { images: (await readFile(`${dest}.partial`)).length, journal: (await readFile(`${dest}.journal`)).length };
    // A kill leaves a part of a line, a part of a file, or a file that no line tells of.
    if (i === 1) await truncate(`${dest}.journal`, sizes.journal - 5);
    if (i === 2) await truncate(`${dest}.partial`, sizes.images - 5);
    if (i === 3) await writeFile(`${dest}.partial`, 'more', { flag: 'a' });
    if (i === 4) await truncate(join(root, `cut${i}-masks.zip.partial`), 500);
    const { resumed } = await makeDataset(fakeRecords(100, { bad }), { dest });
    // Of the last, 500 bytes hold three masks of about 130, and record 3 was bad.
    expect(resumed).toBe([1, 31, 32, 64, 4][i]);
    expect(await readFile(dest)).toEqual(expected[0]);
    expect(await readFile(join(root, `cut${i}-masks.zip`))).toEqual(expected[1]);
    expect((await readdir(root)).filter((name) => /journal|partial/.test(name))).toEqual([]);
  }
});

test('work of another kind, a data set that exists and an abort are said, and nothing is lost', async () => {
  const dest = join(root, 'other.zip');
  const abort = new AbortController();
  const stopping = makeDataset(fakeRecords(50), { dest, signal: abort.signal, onProgress: ({ done, total, etaMs }) => {
    expect([total, etaMs! >= 0]).toEqual([50, true]);
    if (done === 20) abort.abort();
  } });
  await expect(stopping).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(makeDataset(fakeRecords(51), { dest })).rejects.toThrow(/same source and options as this data set was begun with, got others/);
  expect((await makeDataset(fakeRecords(50), { dest })).resumed).toBe(20);
  await expect(makeDataset(fakeRecords(50), { dest })).rejects.toThrow(/other\.zip exists already/);
  expect((await makeDataset(fakeRecords(51), { dest, force: true })).images).toBe(51);
});

test('a kill between the closing and the naming leaves only the naming to do', async () => {
  const dest = join(root, 'closed.zip');
  await makeDataset(fakeRecords(3), { dest });
  const bytes = await readFile(dest);
  const key = keyOf(fakeRecords(3).identity);
  await rm(dest);
  await writeFile(`${dest}.partial`, bytes);
  await writeFile(`${dest}.journal`, `${JSON.stringify({ key })}\n${[0, 1, 2].map((index) => `${JSON.stringify({ index, files: [] })}\n`).join('')}{"closed":true}\n`);
  expect((await makeDataset(fakeRecords(3), { dest })).images).toBe(3);
  expect(await readFile(dest)).toEqual(bytes);
});

test('rooms come with what each pixel shows, and with the class of each number', async () => {
  const dest = join(root, 'rooms.zip');
  const { masks } = await makeDataset(roomRecords({ resolution: 16, count: 3, seed: 5, masks: true }), { dest });
  const truth = rooms({ resolution: 16, count: 3, seed: 5 });
  const [images, shown] = [await zipSource(dest), await zipSource(masks!)];
  for (const [i, file] of images.files.entries()) {
    expect((await decodeWhole(await images.read(file))).data).toEqual(truth.render(i).pixels);
    const mask = await decodeWhole(await shown.read(file));
    expect([...mask.data].filter((_, at) => at % 3 === 0)).toEqual([...truth.render(i).instances]);
    const png = Buffer.from(await shown.read(file));
    expect([png[24], png[25]]).toEqual([8, 0]); // 8-bit grey
  }
  const json = await jsonOf(masks!, 'masks.json');
  expect(json).toMatchObject({ source: 'rooms', seed: 5, background: 0 });
  const [, objects] = (json['images'] as [string, { instance: number; kind: string }[]][])[0]!;
  expect(objects.map(({ kind }) => kind)).toEqual(truth.scene(0).objects.map(({ kind }) => kind));
  images.dispose();
  shown.dispose();
});

test('a zip that leads outside itself is no source, and licences go along', async () => {
  const zip = (name: string, entries: Parameters<typeof zipOf>[0]): Promise<string> => write(name, { 'x.zip': zipOf(entries) }).then((dir) => join(dir, 'x.zip'));
  await expect(openRecords(await zip('slip', [{ name: '../a.png', data: await plain(1) }]), square)).rejects.toThrow(/is refused/);
  await expect(openRecords(await zip('bomb', [{ name: 'a.png', data: new Uint8Array(3 << 20), deflate: true }]), square)).rejects.toThrow(/more than 200 times as much/);
  await expect(openRecords(join(root, 'nothing'), square)).rejects.toThrow(/a folder, a zip or an LMDB, got .*nothing', which does not exist/);
  const source = await zip('licensed', [{ name: 'a.png', data: await plain(1) }, { name: 'dataset.json', data: Buffer.from('{"labels": null, "licences": ["by A, CC0"]}') }]);
  const dest = join(root, 'licensed.zip');
  await makeDataset(await openRecords(source, square), { dest });
  const data = await zipDataset(dest, { resolution: 8 });
  expect([data.licences, data.cDim]).toEqual([['by A, CC0'], 0]);
  data.dispose();
});
