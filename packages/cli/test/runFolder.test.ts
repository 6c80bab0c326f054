import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseRunFile, type RunFile } from '../src/runFile.js';
import { createRunFolder, openRunFolder } from '../src/runFolder.js';
import { newRunFile, type TrainOptions } from '../src/trainOptions.js';
import { temporaryFolder } from './callCli.js';

const config = (data = '/photos'): RunFile => newRunFile({
  data, outdir: '', resolution: 8, preset: 'paper', batch: 4, workers: 1, kimg: 5, seed: 0, backend: 'cpu', onBad: 'skip', mirror: false,
  latentDim: 8, channelMax: 8, lr: 0.002, alignWeight: 1, aug: 'noaug', augpipe: 'bgc', target: 0.6, tick: 1, snap: 2, checkpoint: 3,
} satisfies TrainOptions, ['spatialgan']);

it('runs that begin at the same moment get folders of their own, each with nothing but a whole config.json', async () => {
  const outdir = await temporaryFolder();
  const runs = await Promise.all(Array.from({ length: 6 }, () => createRunFolder(outdir, config())));
  expect(new Set(runs.map(({ dir }) => dir)).size).toBe(6);
  expect((await readdir(outdir)).sort()).toEqual(Array.from({ length: 6 }, (_, i) => `0000${i}-photos-paper8-batch4`));
  for (const { dir } of runs) {
    expect(await readdir(dir)).toEqual(['config.json']);
    expect((await openRunFolder(dir)).config).toEqual(config());
  }
  const next = await createRunFolder(outdir, config('/elsewhere/set.zip'));
  expect(next.dir).toBe(join(outdir, '00006-set-paper8-batch4'));
});

it('drops the statistics after a step, and a line that a crash cut off', async () => {
  const run = await createRunFolder(await temporaryFolder(), config());
  for (const step of [1, 2, 3]) await run.appendStats(`{"step":${step}}\n`);
  await appendFile(join(run.dir, 'stats.jsonl'), '{"step":1,"sta');
  await run.truncateStats(2);
  expect(await readFile(join(run.dir, 'stats.jsonl'), 'utf8')).toBe('{"step":1}\n{"step":2}\n');
});

it('reads the config of a run from before schedules were noted', () => {
  const { schedule, ...rest } = config();
  expect(parseRunFile(JSON.stringify({ ...rest, kimgPerTick: 0.4 }))).toEqual({ ...rest, schedule: { kimg: 100, tick: 0.4, snap: 10, checkpoint: 10 } });
  expect(parseRunFile(JSON.stringify(config())).schedule).toEqual(schedule);
});
