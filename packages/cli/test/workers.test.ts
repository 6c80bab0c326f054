import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { latestCheckpoint } from '@spatialgan/checkpoint/node';
import { curveDifference, relativeDistance } from '@spatialgan-internal/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../src/runCli.js';
import { callCli, temporaryFolder } from './callCli.js';
import { writePictures } from './images.js';

let home: string;
const cleanups: (() => Promise<void>)[] = [];
beforeAll(async () => {
  home = await temporaryFolder((done) => cleanups.push(done));
  await writePictures(join(home, 'photos'), 13);
});
afterAll(async () => void (await Promise.all(cleanups.map((done) => done()))));

const args = (name: string, ...more: string[]): string[] => [
  'train', '--data', join(home, 'photos'), '--outdir', join(home, name), '--resolution', '8', '--channel-base', '32', '--channel-max', '4',
  '--latent-dim', '4', '--batch', '8', '--seed', '3', '--aug', 'ada', '--p', '0.3', '--backend', 'wasm', '--tick', '0.016', '--snap', '10', ...more,
];
const runOf = async (name: string): Promise<string> => join(home, name, (await readdir(join(home, name)))[0]!);
const checkpointOf = async (name: string) => (await latestCheckpoint<{ step: number }>(await runOf(name))).checkpoint!;
const statsOf = async (name: string) =>
  (await readFile(join(await runOf(name), 'stats.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, number>);

it('two workers train as one, and a run that was stopped goes on to the same bytes', async () => {
  expect(await callCli(...args('one', '--kimg', '0.032'))).toMatchObject({ code: 0, errors: [] });
  expect(await callCli(...args('two', '--kimg', '0.032', '--workers', '2'))).toMatchObject({ code: 0, errors: [] });
  expect(await callCli(...args('cut', '--kimg', '0.016', '--workers', '2'))).toMatchObject({ code: 0, errors: [] });
  expect(await callCli('train', '--resume', await runOf('cut'), '--backend', 'wasm', '--kimg', '0.032')).toMatchObject({ code: 0, errors: [] });
  const [one, two, cut] = [await checkpointOf('one'), await checkpointOf('two'), await checkpointOf('cut')];
  for (const name of ['G', 'D', 'gEma']) expect(relativeDistance(one.groups[name]!, two.groups[name]!), name).toBeLessThan(1e-6);
  expect(two.state).toMatchObject({ step: 4, cursor: (one.state as unknown as { cursor: unknown }).cursor });
  expect(cut.groups).toEqual(two.groups);
  const [alone, shared] = [await statsOf('one'), await statsOf('two')];
  expect(shared.map(Object.keys)).toEqual(alone.map(Object.keys));
  const trained = (stats: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(stats).filter(([name]) => /^(Loss|Progress)/.test(name)));
  const { worst, where } = curveDifference(alone.map(trained), shared.map(trained));
  expect(worst, where).toBeLessThan(1e-4);
}, 400_000);

it('ends with a word about it when a worker dies, its checkpoint whole, and goes on from there', async () => {
  const threads: Worker[] = [];
  const seen = (worker: Worker): void => void threads.push(worker);
  process.on('worker', seen);
  const errors: string[] = [];
  const kill = (text: string): void => {
    if (text.startsWith('step ')) void threads.at(-1)!.terminate();
  };
  try {
    const code = await runCli(args('dies', '--kimg', '100', '--workers', '2', '--checkpoint', '0.008'), { info: kill, warn: () => {}, error: (text) => void errors.push(text) });
    expect(code).toBe(1);
  } finally {
    process.off('worker', seen);
  }
  expect(errors).toEqual([expect.stringMatching(/worker 1 of 1 has ended before the training \(exit code \d+\); go on from the last checkpoint with: spatialgan train --resume /)]);
  const { checkpoint, skipped } = await latestCheckpoint<{ step: number }>(await runOf('dies'));
  expect(skipped).toEqual([]);
  const { step } = checkpoint!.state;
  expect(step).toBeGreaterThan(0);
  const goal = String(((step + 1) * 8) / 1000);
  expect(await callCli('train', '--resume', await runOf('dies'), '--backend', 'wasm', '--kimg', goal)).toMatchObject({ code: 0, errors: [] });
}, 300_000);

it('refuses what workers cannot do', async () => {
  const refused = async (...more: string[]) => (await callCli(...args('none', '--kimg', '0.008', ...more))).errors.join();
  expect(await refused('--workers', '3')).toMatch(/got 8; change the batch/);
  expect(await refused('--workers', '4')).toMatch(/whole groups of 4 .* got parts of 2/);
  expect(await refused('--workers', '2', '--backend', 'webgpu')).toMatch(/--workers: expected --backend wasm or cpu/);
});
