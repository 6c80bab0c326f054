import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeImage } from './decodeImage.js';
import { folderDataset } from './folderDataset.js';

let root = '';
const plain = (width: number, height: number, background: string) => sharp({ create: { width, height, channels: 3, background } });
const folder = async (name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> => {
  const dir = join(root, name);
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(join(dir, file, '..'), { recursive: true });
    await writeFile(join(dir, file), bytes);
  }
  return dir;
};
const pixel = (bytes: Uint8Array, side: number, x: number, y: number): number[] => [...bytes.subarray((y * side + x) * 3, (y * side + x) * 3 + 3)];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spatialgan-data-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('images of any size and format become squares in the order of their names', async () => {
  const dir = await folder('sizes', {
    'b.png': await plain(5, 90, '#0f0').png().toBuffer(),
    'a.JPG': await plain(64, 48, '#f00').jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
    'deep/c.webp': await plain(7, 7, '#00f').webp({ lossless: true }).toBuffer(),
    'deep/notes.txt': 'not an image',
    '.hidden.png': 'not looked at',
  });
  const progress: number[] = [];
  const data = await folderDataset(dir, { resolution: 8, onProgress: ({ done }) => progress.push(done) });
  expect(data.files).toEqual(['a.JPG', 'b.png', 'deep/c.webp']);
  expect([data.length, data.cDim, data.bad]).toEqual([3, 0, []]);
  expect(progress).toEqual([1, 2, 3]);
  const [red, green, blue] = await Promise.all([0, 1, 2].map((i) => data.image(i)));
  expect(red).toHaveLength(192);
  expect(red![0]!).toBeGreaterThan(252);
  expect(pixel(green!, 8, 3, 3)).toEqual([0, 255, 0]);
  expect(pixel(blue!, 8, 7, 7)).toEqual([0, 0, 255]);
  await expect(data.image(3)).rejects.toMatchObject({ code: 'DATA' });
  const flat = await folderDataset(dir, { resolution: 8, recursive: false });
  expect(flat.files).toEqual(['a.JPG', 'b.png']);
});

test('a bad file is named, counted and skipped, or refused', async () => {
  const good = await plain(40, 40, '#888').jpeg().toBuffer();
  const noise = await sharp(Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251)), { raw: { width: 64, height: 64, channels: 3 } }).jpeg().toBuffer();
  const dir = await folder('bad', {
    '1.jpg': good,
    '2-truncated.jpg': noise.subarray(0, noise.length >> 1),
    '3-text.png': 'hello',
    '4-empty.webp': '',
    '5-svg.png': '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
    '6.jpg': good,
  });
  const data = await folderDataset(dir, { resolution: 8 });
  expect(data.files).toEqual(['1.jpg', '6.jpg']);
  expect(data.bad.map(({ file }) => file)).toEqual(['2-truncated.jpg', '3-text.png', '4-empty.webp', '5-svg.png']);
  expect(data.bad[2]!.reason).toBe('the file is empty');
  expect(data.bad[3]!.reason).toContain('expected PNG, JPEG or WebP, got svg');
  await expect(folderDataset(dir, { resolution: 8, onBad: 'refuse' })).rejects.toMatchObject({
    code: 'DATA', message: expect.stringMatching(/4 of 6 images cannot be used: 2-truncated\.jpg \(.+\); 3-text/) as string,
  });
});

test.each(['png', 'jpeg'] as const)('a %s that is cut off is said to be damaged, not in its library\'s words', async (format) => {
  const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251));
  const bytes = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })[format]().toBuffer();
  for (const share of [0.4, 0.6, 0.9]) {
    await expect(decodeImage(bytes.subarray(0, bytes.length * share), { resolution: 8, fit: 'center-crop' })).rejects.toThrow(/^it is (damaged or cut off|no PNG)/);
  }
});

test('a folder without usable images, a missing one and an aborted look are clear errors', async () => {
  await expect(folderDataset(await folder('none', { 'a.txt': '' }), { resolution: 8 })).rejects.toThrow(/found none/);
  await expect(folderDataset(await folder('allbad', { 'a.png': 'x' }), { resolution: 8 })).rejects.toThrow(/1 of 1 images cannot be used: a\.png/);
  await expect(folderDataset(join(root, 'nowhere'), { resolution: 8 })).rejects.toThrow(/there is no such folder/);
  await expect(folderDataset(join(root, 'none'), { resolution: 0 })).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(folderDataset(join(root, 'bad'), { resolution: 8, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
});

test('links to files are read, links to folders are not followed', async () => {
  const dir = await folder('links', { 'a.png': await plain(4, 4, '#fff').png().toBuffer() });
  await symlink(join(dir, 'a.png'), join(dir, 'b.png'));
  await symlink(dir, join(dir, 'loop.png'));
  await symlink(join(dir, 'gone'), join(dir, 'z.png'));
  const data = await folderDataset(dir, { resolution: 4 });
  expect(data.files).toEqual(['a.png', 'b.png']);
  expect(data.bad.map(({ file }) => file)).toEqual(['z.png']);
});

test('pictures that are not kept in memory decode to the same bytes', async () => {
  const dir = join(root, 'sizes');
  const kept = await folderDataset(dir, { resolution: 8 });
  const read = await folderDataset(dir, { resolution: 8, cacheBytes: 0 });
  for (let i = 0; i < 3; i++) expect(await read.image(i)).toEqual(await kept.image(i));
});

test('fit cuts to the middle, stretches or letterboxes on white', async () => {
  const wide = await sharp({ create: { width: 12, height: 4, channels: 3, background: '#f00' } })
    .composite([{ input: await plain(4, 4, '#00f').png().toBuffer(), left: 4, top: 0 }]).png().toBuffer();
  const at = async (fit: 'center-crop' | 'fill' | 'contain', x: number, y: number) => pixel(await decodeImage(wide, { resolution: 12, fit }), 12, x, y);
  expect(await at('center-crop', 6, 6)).toEqual([0, 0, 255]);
  expect(await at('fill', 0, 6)).toEqual([255, 0, 0]);
  expect(await at('contain', 6, 0)).toEqual([255, 255, 255]);
  expect(await at('contain', 0, 6)).toEqual([255, 0, 0]);
});

test('transparency lies on white, grey becomes RGB, 16 bits become 8, CMYK becomes RGB', async () => {
  const options = { resolution: 4, fit: 'center-crop' } as const;
  const clear = await sharp({ create: { width: 4, height: 4, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0 } } }).png().toBuffer();
  expect(pixel(await decodeImage(clear, options), 4, 1, 1)).toEqual([255, 255, 255]);
  const half = await sharp({ create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0.5 } } }).png().toBuffer();
  expect(Math.abs(pixel(await decodeImage(half, options), 4, 1, 1)[0]! - 127)).toBeLessThanOrEqual(1);
  const grey = await plain(4, 4, '#646464').toColourspace('b-w').png().toBuffer();
  expect((await sharp(grey).metadata()).channels).toBe(1);
  expect(pixel(await decodeImage(grey, options), 4, 1, 1)).toEqual([100, 100, 100]);
  for (const [space, expected] of [['rgb16', [100, 150, 200]], ['grey16', [100, 100, 100]]] as const) {
    const deep = await plain(4, 4, space === 'rgb16' ? '#6496c8' : '#646464').toColourspace(space).png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    expect(pixel(await decodeImage(deep, options), 4, 1, 1)).toEqual(expected);
  }
  const cmyk = await plain(16, 16, '#ff0000').toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  const [r, g] = pixel(await decodeImage(cmyk, options), 4, 1, 1);
  expect(r! - g!).toBeGreaterThan(120);
});

test('EXIF orientation is obeyed', async () => {
  // Left red, right blue, to be shown turned by 90° clockwise: red comes to the top.
  const turned = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#00f' } })
    .composite([{ input: await plain(8, 16, '#f00').png().toBuffer(), left: 0, top: 0 }])
    .withMetadata({ orientation: 6 }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
  const shown = await decodeImage(turned, { resolution: 16, fit: 'center-crop' });
  expect(pixel(shown, 16, 8, 2)[0]!).toBeGreaterThan(240);
  expect(pixel(shown, 16, 8, 13)[2]!).toBeGreaterThan(240);
});
