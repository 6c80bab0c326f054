import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { avatars, avatarStyles, type AvatarStyleName } from './avatars.js';

let cacheDir = '';
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'spatialgan-avatars-'));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

test('the same options give the same images, drawn once', async () => {
  const progress: number[] = [];
  const options = { resolution: 16, count: 70, seed: 4, cacheDir, onProgress: ({ done }: { done: number }) => progress.push(done) };
  const first = await avatars(options);
  expect(progress).toEqual([0, 64, 70]);
  const again = await avatars(options);
  expect(progress).toHaveLength(3);
  expect([first.length, first.resolution, first.cDim]).toEqual([70, 16, 0]);
  for (const index of [0, 33, 69]) {
    expect(await again.image(index)).toEqual(await first.image(index));
    expect(await first.image(index)).toHaveLength(16 * 16 * 3);
  }
  const fresh = await avatars({ ...options, cacheDir: join(cacheDir, 'fresh') });
  expect(await fresh.image(69)).toEqual(await first.image(69));
  const other = await avatars({ ...options, seed: 5 });
  expect(await other.image(0)).not.toEqual(await first.image(0));
  await expect(first.image(70)).rejects.toMatchObject({ code: 'DATA' });
  first.dispose();
  first.dispose();
  await expect(first.image(0)).rejects.toThrow(/disposed/);
});

test('placements spread over the canvas as documented', async () => {
  const data = await avatars({ resolution: 8, count: 2000, cacheDir });
  const placements = Array.from({ length: 2000 }, (_, i) => data.placement(i));
  const spread = (values: number[]): number => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  };
  expect(spread(placements.map(({ x }) => x))).toBeCloseTo(0.165, 2);
  expect(spread(placements.map(({ y }) => y))).toBeCloseTo(0.165, 2);
  for (const { x, y, scale } of placements) {
    expect(Math.min(x, y, 1 - x, 1 - y)).toBeGreaterThanOrEqual(0.15);
    expect(scale).toBeGreaterThanOrEqual(0.45);
    expect(scale).toBeLessThanOrEqual(0.7);
  }
  expect(placements.filter(({ flip }) => flip).length).toBeGreaterThan(900);
});

test('the drawn face is where the placement says', async () => {
  const side = 64;
  const data = await avatars({ resolution: side, count: 40, cacheDir });
  for (let index = 0; index < 40; index++) {
    const { x, y, scale } = data.placement(index);
    const pixels = await data.image(index);
    const at = (px: number, py: number): number[] => [...pixels.subarray((py * side + px) * 3, (py * side + px) * 3 + 3)];
    // Background rows have one colour each, so a pixel unlike the row's far end belongs to the face.
    let [sum, sx, sy] = [0, 0, 0];
    for (let py = 0; py < side; py++) {
      const background = at(x > 0.5 ? 0 : side - 1, py);
      for (let px = 0; px < side; px++) {
        if (at(px, py).every((value, c) => Math.abs(value - background[c]!) < 8)) continue;
        [sum, sx, sy] = [sum + 1, sx + px + 0.5, sy + py + 0.5];
      }
    }
    const inside = Math.min(x, y, 1 - x, 1 - y) > scale / 2;
    if (!inside) continue;
    expect(Math.abs(sx / sum / side - x)).toBeLessThan(0.03);
    expect(Math.abs(sy / sum / side - y)).toBeLessThan(0.03);
    expect(Math.sqrt((4 * sum) / Math.PI) / side / scale).toBeCloseTo(1, 1);
  }
});

test('masks are where an image differs from its background, up to what is faint', async () => {
  const side = 48;
  const data = await avatars({ resolution: side, count: 20, cacheDir });
  for (let index = 0; index < 20; index++) {
    const [pixels, mask] = [await data.image(index), data.mask(index)];
    const { x } = data.placement(index);
    let [both, either] = [0, 0];
    for (let i = 0; i < side * side; i++) {
      const end = 3 * (Math.floor(i / side) * side + (x > 0.5 ? 0 : side - 1));
      const differs = [0, 1, 2].some((c) => Math.abs(pixels[3 * i + c]! - pixels[end + c]!) >= 16) ? 1 : 0;
      both += differs & mask[i]!;
      either += differs | mask[i]!;
    }
    expect(both / either, `image ${index}`).toBeGreaterThan(0.9);
  }
  expect(() => data.mask(20)).toThrow(/20/);
});

test('every bundled style draws, and its own metadata states an open licence', async () => {
  for (const name of Object.keys(avatarStyles) as AvatarStyleName[]) {
    const data = await avatars({ resolution: 16, count: 3, styles: [name], cacheDir });
    const pixels = await data.image(0);
    expect(new Set(pixels).size).toBeGreaterThan(20);
    expect(data.licences).toHaveLength(1);
    expect(data.licences[0]).toMatch(/ by .+, (CC0 1\.0|CC BY 4\.0|MIT) \(https:.+\), https:/);
    const manifest = JSON.parse(await readFile(new URL(`../../../node_modules/@dicebear/${name}/package.json`, import.meta.url), 'utf8')) as { version: string };
    expect(avatarStyles[name].version).toBe(manifest.version);
  }
});

test('a damaged or cut cache is drawn again, an aborted one leaves nothing', async () => {
  const dir = join(cacheDir, 'damage');
  const options = { resolution: 8, count: 5, cacheDir: dir };
  const whole = await avatars(options);
  const expected = await whole.image(4);
  const path = join(dir, (await readdir(dir))[0]!);
  const bytes = await readFile(path);
  for (const damaged of [bytes.map((value, i) => (i === bytes.length - 1 ? value ^ 1 : value)), bytes.subarray(0, -1), Buffer.from('x'), Buffer.alloc(0)]) {
    await writeFile(path, damaged);
    const again = await avatars(options);
    expect(await again.image(4)).toEqual(expected);
    again.dispose();
  }
  await expect(avatars({ ...options, seed: 9, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await readdir(dir)).toHaveLength(1);
});

test('bad options are named', async () => {
  await expect(avatars({ resolution: 4, cacheDir })).rejects.toThrow(/8 to 1024, got 4/);
  await expect(avatars({ resolution: 16, count: 0, cacheDir })).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(avatars({ resolution: 16, cacheDir, styles: [] })).rejects.toThrow(/expected styles of fun-emoji/);
  await expect(avatars({ resolution: 16, cacheDir, styles: ['nope' as AvatarStyleName] })).rejects.toThrow(/nope/);
  await expect(avatars({ resolution: 16, count: 1, cacheDir: '/dev/null/x' })).rejects.toThrow(/give another cacheDir/);
});
