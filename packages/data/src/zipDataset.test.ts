import { type FileHandle, mkdtemp, open as openFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { isSpatialGANError } from '@spatialgan/core';
import { zipDataset } from './zipDataset.js';
import { zipSource } from './zipSource.js';
import { type ZipEntry, zipOf } from './zipWriter.test-kit.js';

let root = '';
let red: Buffer;
let blue: Buffer;
let count = 0;
const file = async (bytes: Uint8Array): Promise<string> => {
  const path = join(root, `${count++}.zip`);
  await writeFile(path, bytes);
  return path;
};
const open = async (entries: readonly ZipEntry[], options: Partial<Parameters<typeof zipDataset>[1]> = {}) => {
  const data = await zipDataset(await file(zipOf(entries)), { resolution: 4, ...options });
  onTestFinished(() => data.dispose());
  return data;
};
const json = (labels: unknown): ZipEntry => ({ name: 'dataset.json', data: Buffer.from(JSON.stringify({ labels })), deflate: true });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spatialgan-zip-'));
  const plain = (background: string) => sharp({ create: { width: 6, height: 6, channels: 3, background } }).png().toBuffer();
  [red, blue] = [await plain('#f00'), await plain('#00f')];
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('images are read from a zip, stored or deflated, in the order of their names', async () => {
  const data = await open([
    { name: '00000/', data: Buffer.alloc(0) },
    { name: '00000/img1.png', data: blue, deflate: true },
    { name: '00000/img0.png', data: red },
    { name: '__MACOSX/00000/._img0.png', data: Buffer.from('fork') },
    { name: 'readme.txt', data: Buffer.from('hi') },
  ], { cacheBytes: 0 });
  expect(data.files).toEqual(['00000/img0.png', '00000/img1.png']);
  expect((await data.image(0)).subarray(0, 3)).toEqual(Uint8Array.of(255, 0, 0));
  expect((await data.image(1)).subarray(0, 3)).toEqual(Uint8Array.of(0, 0, 255));
  data.dispose();
  data.dispose();
  await expect(data.image(0)).rejects.toMatchObject({ code: 'DISPOSED' });
});

test("StyleGAN2-ADA's dataset.json gives one-hot classes or vectors", async () => {
  const entries = [{ name: 'a.png', data: red }, { name: 'b\\c.png', data: blue }];
  const classes = await open([...entries, json([['b\\c.png', 2], ['a.png', 0]])]);
  expect([classes.cDim, [...classes.label!(0)], [...classes.label!(1)]]).toEqual([3, [1, 0, 0], [0, 0, 1]]);
  const vectors = await open([...entries, json([['a.png', [0.5, 1]], ['b/c.png', [2, 3]]])]);
  expect([vectors.cDim, [...vectors.label!(1)]]).toEqual([2, [2, 3]]);
  const none = await open([...entries, json(null)]);
  expect([none.cDim, none.label]).toEqual([0, undefined]);
  const off = await open([...entries, json([['a.png', 1]])], { labels: false });
  expect(off.cDim).toBe(0);
});

test('a dataset.json that does not fit is refused with the reason', async () => {
  const entries = [{ name: 'a.png', data: red }, { name: 'b.png', data: blue }];
  await expect(open([...entries, json([['a.png', 1]])])).rejects.toThrow(/no label for 1 of 2 images, b\.png first/);
  await expect(open([...entries, json([['a.png', 1], ['b.png', [1]]])])).rejects.toThrow(/different kinds/);
  await expect(open([...entries, json([['a.png', -1]])])).rejects.toThrow(/an entry that is no/);
  await expect(open([...entries, json('x')])).rejects.toThrow(/to be a list/);
  await expect(open([...entries, { name: 'dataset.json', data: Buffer.from('{') }])).rejects.toMatchObject({ code: 'DATA' });
});

test('names that lead outside the archive are refused', async () => {
  for (const name of ['../a.png', 'x/../../a.png', '/etc/a.png', 'C:/a.png', '..\\a.png', 'a\0.png']) {
    await expect(open([{ name: 'ok.png', data: red }, { name, data: red }]), name).rejects.toMatchObject({
      code: 'DATA', message: expect.stringContaining('is refused') as string,
    });
  }
});

test('entries that unpack out of proportion are refused before they are unpacked', async () => {
  await expect(open([{ name: 'a.png', data: new Uint8Array(3 << 20), deflate: true }])).rejects.toThrow(/more than 200 times as much/);
  await expect(open([{ name: 'a.png', data: red, claims: { size: 2 ** 31 } }])).rejects.toMatchObject({ code: 'DATA' });
  await expect(open([{ name: 'a.png', data: Buffer.alloc(2 ** 17, 1), deflate: true, claims: { size: 129 * 2 ** 20 } }])).rejects.toThrow(/more than the limit/);
});

test('an entry that unpacks to another size or checksum than stated is a bad file', async () => {
  const data = await open([
    { name: 'a.png', data: red },
    { name: 'b.png', data: blue, claims: { crc: 1 } },
    { name: 'c.png', data: blue, deflate: true, claims: { size: blue.length - 1 } },
    { name: 'd.png', data: blue, deflate: true, claims: { size: blue.length + 1 } },
  ]);
  expect(data.files).toEqual(['a.png']);
  expect(data.bad.map((bad) => bad.file)).toEqual(['b.png', 'c.png', 'd.png']);
  expect(data.bad[0]!.reason).toBe('its checksum is wrong');
});

test('an image that is being read while the archive is closed still comes, and the file is closed after it', async () => {
  const source = await zipSource(await file(zipOf([{ name: 'a.png', data: red, deflate: true }])));
  const opened = async (): Promise<number> => (await readdir('/proc/self/fd').catch(() => [])).length;
  const before = await opened();
  const reading = source.read('a.png');
  source.dispose();
  expect(Buffer.from(await reading).equals(red)).toBe(true);
  if (before > 0) await vi.waitFor(async () => expect(await opened()).toBeLessThan(before));
});

test('a list of entries takes a read a megabyte, not two an entry', async () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `${String(i).padStart(5, '0')}/${'x'.repeat(60)}.png`);
  const path = await file(zipOf(names.map((name) => ({ name, data: Uint8Array.of(1) }))));
  const probe = await openFile(path);
  const reads = vi.spyOn(Object.getPrototypeOf(probe) as FileHandle, 'read');
  await probe.close();
  const source = await zipSource(path);
  expect(source.files).toEqual(names);
  const directory = 20_000 * (46 + 70);
  // And the archive's end, and the first entry before there is an order.
  expect(reads.mock.calls.length).toBe(Math.ceil(directory / 2 ** 20) + 2);
  reads.mockRestore();
  source.dispose();
});

test('a truncated archive, another file and a missing one are clear errors', async () => {
  const whole = zipOf([{ name: 'a.png', data: red }, { name: 'b.png', data: blue }]);
  await expect(zipDataset(await file(whole.subarray(0, whole.length - 30)), { resolution: 4 })).rejects.toMatchObject({
    code: 'DATA', message: expect.stringMatching(/is refused: it is no whole zip file/) as string,
  });
  await expect(zipDataset(await file(Buffer.from('hello')), { resolution: 4 })).rejects.toThrow(/no whole zip/);
  await expect(zipDataset(join(root, 'none.zip'), { resolution: 4 })).rejects.toThrow(/there is no file/);
  await expect(zipDataset(root, { resolution: 4 })).rejects.toThrow(/is a folder; use folderDataset/);
  await expect(open([{ name: 'a.png', data: red }, { name: 'a.png', data: red }])).rejects.toThrow(/twice/);
});

test('whatever bytes change, the result is a data set or one DATA error, never a hang or another throw', async () => {
  const whole = zipOf([{ name: 'a.png', data: red }, { name: 'b.png', data: blue, deflate: true }, json([['a.png', 0], ['b.png', 1]])]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(whole.length), async (changes, cut) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      const path = await file(cut % 5 === 0 ? bytes.subarray(0, cut) : bytes);
      try {
        const data = await zipDataset(path, { resolution: 4 });
        expect(data.length + data.bad.length).toBeLessThanOrEqual(3);
        data.dispose();
      } catch (cause) {
        expect(isSpatialGANError(cause, 'DATA'), String(cause)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
