import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { callCli, spawnCli, temporaryFolder } from './callCli.js';
import { writeBadPictures, writePictures } from './images.js';

const lmdb = new URL('../../data/test/fixtures/lsun.mdb.gz', import.meta.url);

/** Waits until a file has so many lines. */
async function hasLines(path: string, count: number): Promise<void> {
  const lines = async (): Promise<number> => (await readFile(path, 'utf8').catch(() => '')).split('\n').length - 1;
  while ((await lines()) < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

it('packs a folder, names what it left out, and trains on the zip', async () => {
  const home = await temporaryFolder();
  await writePictures(join(home, 'photos'), 14);
  await writeBadPictures(join(home, 'photos'));
  const dest = join(home, 'photos.zip');
  const made = await callCli('dataset', '--source', join(home, 'photos'), '--dest', dest, '--resolution', '8');
  expect([made.code, made.errors]).toEqual([0, []]);
  expect(made.warnings).toEqual([
    expect.stringMatching(/^left out cut\.jpg: it is damaged or cut off/), expect.stringMatching(/^left out empty\.png: the file is empty/), expect.stringMatching(/^left out text\.jpg: it is no PNG/),
  ]);
  expect(made.info.at(-1)).toMatch(/photos\.zip: 14 images, 0\.\d+ MB, 3 left out$/);
  const trained = await callCli(
    'train', '--data', dest, '--outdir', join(home, 'runs'), '--resolution', '8', '--channel-base', '64', '--channel-max', '8', '--latent-dim', '8',
    '--batch', '4', '--backend', 'cpu', '--kimg', '0.008', '--tick', '0.004',
  );
  expect([trained.code, trained.errors]).toEqual([0, []]);
  expect(trained.info).toContainEqual(expect.stringMatching(/^data .*photos\.zip: 14 images$/));
  expect(await readdir(join(home, 'runs'))).toEqual(['00000-photos-paper8-batch4']);
});

it('killed at three moments, the same command goes on and gives the bytes of a run that was not', async () => {
  const home = await temporaryFolder();
  const command = (dest: string): string[] => ['dataset', '--source', 'rooms', '--num', '150', '--seed', '4', '--masks', '--dest', join(home, dest), '--resolution', '32'];
  expect((await callCli(...command('whole.zip'))).code).toBe(0);
  for (const after of [40, 70, 110]) {
    const { signal } = await spawnCli(command('killed.zip'), undefined, (kill) => void hasLines(join(home, 'killed.zip.journal'), after).then(() => kill('SIGKILL')));
    expect(signal).toBe('SIGKILL');
    expect(await readdir(home)).not.toContain('killed.zip');
  }
  const last = await callCli(...command('killed.zip'));
  expect(last.info.at(-2)).toMatch(/killed\.zip: 150 images, .*; went on after \d{3}$/);
  for (const part of ['', '-masks']) expect(await readFile(join(home, `killed${part}.zip`))).toEqual(await readFile(join(home, `whole${part}.zip`)));
  expect((await readdir(home)).sort()).toEqual(['killed-masks.zip', 'killed.zip', 'whole-masks.zip', 'whole.zip']);
});

it("packs LSUN's LMDB", async () => {
  const home = await temporaryFolder();
  await writeFile(join(home, 'data.mdb'), gunzipSync(await readFile(lmdb)));
  const made = await callCli('dataset', '--source', home, '--dest', join(home, 'lsun.zip'), '--resolution', '16', '--filter', 'box', '--max-images', '20');
  expect([made.code, made.warnings, made.info.at(-1)]).toEqual([0, [], expect.stringMatching(/lsun\.zip: 20 images/)]);
});

it.each([
  [['--resolution', '16x12'], /--resolution: expected one side, since images are square, got 16x12/],
  [['--resolution', 'big'], /Expected pixels from 8 to 8192/],
  [['--resolution', '8', '--dest', 'out.tar'], /--dest: expected the name of a zip, NAME\.zip, got 'out\.tar'/],
  [['--resolution', '8', '--masks'], /--masks: expected --source rooms or avatars with it/],
  [['--resolution', '8', '--num', '3'], /--num: expected --source rooms or avatars with it/],
  [['--resolution', '8', '--source', 'rooms', '--max-images', '3'], /--max-images: expected files with it, got --source rooms; --num says/],
  [['--resolution', '8', '--source', 'avatars', '--labels', 'folders'], /--labels folders: expected folders with it/],
  [['--resolution', '8', '--transform', 'wide'], /argument 'wide' is invalid\. Allowed choices are center-crop/],
])('%s is refused with the reason and exit code 2', async (options, reason) => {
  const { code, errors } = await callCli('dataset', '--source', 'photos', '--dest', 'out.zip', ...options);
  expect([code, errors.join('')]).toEqual([2, expect.stringMatching(reason)]);
});

it('a source that does not exist is a failure, and says so', async () => {
  const { code, errors } = await callCli('dataset', '--source', '/nowhere', '--dest', 'out.zip', '--resolution', '8');
  expect([code, errors]).toEqual([1, [expect.stringMatching(/a folder, a zip or an LMDB, got '\/nowhere', which does not exist/)]]);
});
