import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { wasm } from '@spatialgan/backends/wasm';
import { bestCheckpoint, latestCheckpoint } from '@spatialgan/checkpoint/node';
import type { TrainingSnapshot } from '@spatialgan/core';
import { type BatchCursor, memoryDataset } from '@spatialgan/data';
import { lossPluginChecks } from '@spatialgan/trainer/conformance';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { customTrainer } from './customTrainer.js';
import { hingeDiscriminator, hingeGenerator } from './hinge.js';

beforeAll(async () => void (await createRuntime({ prefer: [wasm()] })));

const folder = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'custom-trainer-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
};
const side = 16;
const data = memoryDataset({
  name: 'stripes', resolution: side,
  images: Array.from({ length: 10 }, (_, i) => Uint8Array.from({ length: side * side * 3 }, (_, j) => (i * 31 + j * 7) % 256)),
});

it('is shown in at most 40 lines', async () => {
  expect((await readFile(new URL('./customTrainer.ts', import.meta.url), 'utf8')).trim().split('\n').length).toBeLessThanOrEqual(40);
});

it('trains, evaluates, keeps the best and goes on from a checkpoint with the same bits', async () => {
  const tensors = memory().numTensors;
  const train = async (dir: string, kimg: number, from?: TrainingSnapshot): Promise<TrainingSnapshot> => {
    const trainer = customTrainer(data, dir, from?.state.cursor as BatchCursor | undefined);
    if (from) trainer.restore(from);
    await trainer.run({ kimg });
    const snapshot = await trainer.save();
    trainer.dispose();
    return snapshot;
  };
  const [whole, parted] = [await folder(), await folder()];
  const expected = await train(whole, 0.032);
  await train(parted, 0.02);
  const { checkpoint } = await latestCheckpoint<TrainingSnapshot['state']>(parted);
  const got = await train(parted, 0.032, checkpoint);
  expect(got.groups).toEqual(expected.groups);
  expect(JSON.parse(JSON.stringify(got.state))).toEqual(JSON.parse(JSON.stringify(expected.state)));
  expect(await bestCheckpoint(whole)).toMatchObject({ metric: 'color' });
  const lines = (await readFile(join(whole, 'stats.jsonl'), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(4);
  expect(JSON.parse(lines[0]!)).toMatchObject({ stats: { 'Loss/G/hinge': expect.any(Number) as number, 'Loss/D/hinge': expect.any(Number) as number } });
  expect((await readFile(join(whole, 'events.out.tfevents.1'))).includes('Loss/G/hinge')).toBe(true);
  expect(memory().numTensors).toBe(tensors);
}, 60_000);

describe.each([['hinge/G', hingeGenerator], ['hinge/D', hingeDiscriminator]] as const)('%s', (_, create) => {
  for (const { name, run } of lossPluginChecks(create)) it(name, run);
});
