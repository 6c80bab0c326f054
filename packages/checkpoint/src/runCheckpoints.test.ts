import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ParamData } from '@spatialgan/core';
import { type CheckpointData, loadCheckpoint, saveCheckpoint } from './checkpointFolder.js';
import { bestCheckpoint, latestCheckpoint, saveRunCheckpoint } from './runCheckpoints.js';
import { readPath, writeFileAtomic } from './writeFileAtomic.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spatialgan-checkpoint-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const at = (step: number, fill = step): CheckpointData<{ step: number; images: number; cursor: { epoch: number } }> => ({
  groups: {
    G: new Map<string, ParamData>([['mapping.fc0.weight', { shape: [2, 2], data: new Float32Array(4).fill(fill) }]]),
    'adamG.m': new Map<string, ParamData>([['mapping.fc0.weight', { shape: [2, 2], data: Float32Array.of(NaN, Infinity, -0, 1e-45) }]]),
    'loss.pl': new Map(),
  },
  state: { step, images: step * 16, cursor: { epoch: 1 } },
});
const stepsOf = async (run: string): Promise<string[]> => (await readdir(join(run, 'checkpoints'))).sort();

test('a checkpoint comes back bit by bit', async () => {
  const dir = join(root, 'one');
  await saveCheckpoint(dir, at(7));
  const back = await loadCheckpoint(dir);
  expect(back.groups).toEqual(at(7).groups);
  expect(back.state).toEqual(at(7).state);
  expect((await readdir(dir)).sort()).toEqual(['G.safetensors', 'adamG.m.safetensors', 'loss.pl.safetensors', 'manifest.json']);
  await saveCheckpoint(dir, at(8));
  expect((await loadCheckpoint(dir)).state.step).toBe(8);
  expect(await readdir(root)).toEqual(['one']);
});

test('a run keeps its newest checkpoints and points to the last', async () => {
  const run = join(root, 'keep');
  expect(await latestCheckpoint(run)).toEqual({ checkpoint: undefined, skipped: [] });
  for (const step of [10, 20, 30]) await saveRunCheckpoint(run, at(step), { keep: 2 });
  expect(await stepsOf(run)).toEqual(['step-000000020', 'step-000000030']);
  expect(JSON.parse(await readFile(join(run, 'latest.json'), 'utf8'))).toEqual({ checkpoint: 'checkpoints/step-000000030', step: 30 });
  expect((await latestCheckpoint(run)).checkpoint?.state.step).toBe(30);
});

test('the best one stays until a better one comes, whatever is kept', async () => {
  const run = join(root, 'best');
  expect(await bestCheckpoint(run)).toBeUndefined();
  await saveRunCheckpoint(run, at(10), { keep: 1, best: { metric: 'fid', value: 4 } });
  for (const step of [20, 30]) await saveRunCheckpoint(run, at(step), { keep: 1 });
  expect(await stepsOf(run)).toEqual(['step-000000010', 'step-000000030']);
  expect(await bestCheckpoint(run)).toEqual({ dir: join(run, 'checkpoints', 'step-000000010'), step: 10, metric: 'fid', value: 4 });
  expect((await loadCheckpoint((await bestCheckpoint(run))!.dir)).state.step).toBe(10);
  await saveRunCheckpoint(run, at(40), { keep: 1, best: { metric: 'fid', value: 3 } });
  expect(await stepsOf(run)).toEqual(['step-000000040']);
  await writeFile(join(run, 'best.json'), '{"che');
  await saveRunCheckpoint(run, at(50), { keep: 2 });
  expect(await stepsOf(run)).toEqual(['step-000000040', 'step-000000050']);
});

test('the last written counts, not the highest step: a run that went back goes on from there', async () => {
  const run = join(root, 'back');
  for (const step of [10, 20, 15]) await saveRunCheckpoint(run, at(step), { keep: 2 });
  expect(await stepsOf(run)).toEqual(['step-000000015', 'step-000000020']);
  expect((await latestCheckpoint(run)).checkpoint?.state.step).toBe(15);
});

test('a step that is saved again never takes the place of the first', async () => {
  const run = join(root, 'again');
  for (const fill of [1, 2, 3]) await saveRunCheckpoint(run, at(5, fill), { keep: 2 });
  expect(await stepsOf(run)).toEqual(['step-000000005-2', 'step-000000005-3']);
  expect((await latestCheckpoint(run)).checkpoint?.groups['G']!.get('mapping.fc0.weight')!.data[0]).toBe(3);
});

test('a damaged newest checkpoint is passed over with the reason, whatever the damage', async () => {
  const damages: readonly (readonly [RegExp, (dir: string) => Promise<void>])[] = [
    [/checksum differs/, async (dir) => {
      const bytes = await readFile(join(dir, 'G.safetensors'));
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(join(dir, 'G.safetensors'), bytes);
    }],
    [/expected \d+ bytes, got 20/, (dir) => truncate(join(dir, 'G.safetensors'), 20)],
    [/adamG\.m\.safetensors: it does not exist/, (dir) => rm(join(dir, 'adamG.m.safetensors'))],
    [/manifest\.json: it does not exist/, (dir) => rm(join(dir, 'manifest.json'))],
    [/it is not JSON/, (dir) => truncate(join(dir, 'manifest.json'), 50)],
    [/no checkpoint manifest/, (dir) => writeFile(join(dir, 'manifest.json'), '{"format":1}')],
    [/expected format 1, got 2/, (dir) => writeFile(join(dir, 'manifest.json'), '{"format":2}')],
    [/state's checksum/, async (dir) => {
      const text = await readFile(join(dir, 'manifest.json'), 'utf8');
      await writeFile(join(dir, 'manifest.json'), text.replace('"images": 320', '"images": 321'));
    }],
    [/no checkpoint manifest/, async (dir) => {
      const text = await readFile(join(dir, 'manifest.json'), 'utf8');
      await writeFile(join(dir, 'manifest.json'), text.replace('"G.safetensors"', '"../../../secret"'));
    }],
  ];
  for (const [index, [reason, damage]] of damages.entries()) {
    const run = join(root, `damage${index}`);
    await saveRunCheckpoint(run, at(10));
    const { dir } = await saveRunCheckpoint(run, at(20));
    await damage(dir);
    const { checkpoint, skipped } = await latestCheckpoint(run);
    expect(checkpoint?.state.step, String(reason)).toBe(10);
    expect(skipped.map((skip) => skip.dir)).toEqual([dir]);
    expect(skipped[0]!.reason).toMatch(reason);
    await saveRunCheckpoint(run, at(20, 5));
    expect((await latestCheckpoint(run)).checkpoint?.groups['G']!.get('mapping.fc0.weight')!.data[0]).toBe(5);
  }
});

test('what an interrupted write left is ignored, and removed by the next save', async () => {
  const run = join(root, 'left');
  await saveRunCheckpoint(run, at(10));
  await mkdir(join(run, 'checkpoints', '.step-000000020-x.tmp'));
  await writeFile(join(run, 'checkpoints', '.step-000000020-x.tmp', 'G.safetensors'), 'half');
  expect(await latestCheckpoint(run)).toMatchObject({ checkpoint: { state: { step: 10 } }, skipped: [] });
  await saveRunCheckpoint(run, at(30));
  expect(await stepsOf(run)).toEqual(['step-000000010', 'step-000000030']);
});

test('data that cannot be named or counted is refused before anything is written', async () => {
  const dir = join(root, 'refused');
  await expect(saveCheckpoint(dir, { groups: { '../G': new Map() }, state: { step: 1 } })).rejects.toThrow(/group names/);
  await expect(saveCheckpoint(dir, { groups: {}, state: { step: -1 } })).rejects.toThrow(/to be a count/);
  await expect(saveRunCheckpoint(dir, at(1), { keep: 0 })).rejects.toMatchObject({ code: 'CONFIG' });
  const wrong = { groups: { G: new Map([['w', { shape: [3], data: new Float32Array(2) }]]) }, state: { step: 1 } };
  await expect(saveCheckpoint(dir, wrong)).rejects.toMatchObject({ code: 'CHECKPOINT' });
  await expect(stat(dir)).rejects.toThrow();
  expect((await readdir(root)).filter((name) => name.includes('refused'))).toEqual([]);
});

/** Runs a module of checkpoint calls in its own process. */
function child(script: string, limit = ''): { readonly done: Promise<string>; readonly kill: () => void } {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const program = `import { saveRunCheckpoint } from '${folder}runCheckpoints.ts';\n${script}`;
  const command = `${limit} exec "${process.execPath}" --conditions=spatialgan-source --import tsx --input-type=module -e "$0"`;
  const running = spawn('sh', ['-c', command, program], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [running.stdout, running.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    done: new Promise((resolve) => running.on('close', () => resolve(output))),
    kill: () => running.kill('SIGKILL'),
  };
}

test.skipIf(process.platform === 'win32')('when the disk takes no more, the older checkpoint stays whole', async () => {
  const run = join(root, 'full');
  await saveRunCheckpoint(run, at(10));
  // A limit on the size of files stands for a full disk: the write fails half-way with an error of the system.
  const script = `process.on('SIGXFSZ', () => {});
    const data = { groups: { G: new Map([['w', { shape: [100000], data: new Float32Array(100000) }]]) }, state: { step: 20 } };
    await saveRunCheckpoint(${JSON.stringify(run)}, data).then(() => console.log('SAVED'), (cause) => console.log(cause.code, cause.message));`;
  const output = await child(script, 'ulimit -f 64;').done;
  expect(output).toMatch(/CHECKPOINT saveCheckpoint .*older checkpoints are untouched/);
  expect(await stepsOf(run)).toEqual(['step-000000010']);
  expect(await latestCheckpoint(run)).toMatchObject({ checkpoint: { state: { step: 10 } }, skipped: [] });
});

test.skipIf(process.platform === 'win32')('killed at any moment, a run has a whole checkpoint', async () => {
  const run = join(root, 'killed');
  await saveRunCheckpoint(run, at(1));
  const script = `const data = new Float32Array(300000);
    for (let step = 2; ; step++) {
      await saveRunCheckpoint(${JSON.stringify(run)}, { groups: { G: new Map([['w', { shape: [300000], data: data.fill(step) }]]) }, state: { step } }, { keep: 2 });
      console.log(step);
    }`;
  const savedAt = async (): Promise<number> => (await latestCheckpoint(run)).checkpoint!.savedAt;
  for (const wait of [0, 7, 19, 33]) {
    const before = await savedAt();
    const running = child(script);
    const deadline = Date.now() + 30_000;
    while ((await savedAt()) === before && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, wait));
    running.kill();
    await running.done;
    const { checkpoint, skipped } = await latestCheckpoint(run);
    expect(skipped).toEqual([]);
    expect(checkpoint!.savedAt).toBeGreaterThan(before);
    expect(new Set(checkpoint!.groups['G']!.get('w')!.data)).toEqual(new Set([checkpoint!.state.step]));
  }
});

test('a file is replaced in one step, and stays when it cannot be', async () => {
  const path = join(root, 'atomic', 'latest.json');
  await writeFileAtomic(path, 'old');
  await writeFileAtomic(path, 'new');
  expect(new TextDecoder().decode(await readPath(path))).toBe('new');
  await expect(writeFileAtomic(join(path, 'x'), 'y')).rejects.toMatchObject({ code: 'CHECKPOINT' });
  expect(await readdir(join(root, 'atomic'))).toEqual(['latest.json']);
  await expect(readPath(join(root, 'nothing'))).rejects.toThrow(/it does not exist/);
  await expect(readPath(root)).rejects.toThrow(/it is a folder, not a file/);
});
