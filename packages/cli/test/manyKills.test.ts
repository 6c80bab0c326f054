import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from './callCli.js';

/** Beside the package's dependencies, so that the bundle finds them. */
const outDir = fileURLToPath(new URL(`../node_modules/.many-kills-${process.pid}`, import.meta.url));

// One file of plain JavaScript: a child starts in a fraction of what it takes from the sources.
beforeAll(async () => {
  await build({
    entry: { child: fileURLToPath(new URL('./trainChild.ts', import.meta.url)) }, outDir, format: 'esm', target: 'node20', platform: 'node', config: false,
    silent: true, dts: false, skipNodeModulesBundle: true, noExternal: [/^@spatialgan\//], outExtension: () => ({ js: '.mjs' }),
    esbuildOptions: (options) => void (options.conditions = ['spatialgan-source']),
  });
}, 120_000);
afterAll(() => rm(outDir, { recursive: true, force: true }));

/** Trains until the end, or until a kill some milliseconds after the given number of lines. */
async function train(backend: string, dir: string, { steps, kill }: { readonly steps: number; readonly kill?: { readonly lines: number; readonly delay: number } }): Promise<{ readonly signal: string | null; readonly said: readonly string[] }> {
  const child = spawn(process.execPath, [join(outDir, 'child.mjs'), backend, dir, String(steps)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!/^(start|step) /.test(line)) return;
    said.push(line);
    if (said.length === kill?.lines) setTimeout(() => child.kill('SIGKILL'), kill.delay);
  });
  const [code, signal] = await closed;
  if (!kill) expect(code).toBe(0);
  return { signal, said };
}

/** Every byte that a run keeps: weights, moments, averages, losses' and plugins' states, ADA's p, the data's position, statistics. */
async function outcomeOf(dir: string): Promise<{ readonly files: Readonly<Record<string, unknown>>; readonly state: unknown }> {
  const { checkpoint } = JSON.parse(await readFile(join(dir, 'latest.json'), 'utf8')) as { checkpoint: string };
  const { files, state } = JSON.parse(await readFile(join(dir, checkpoint, 'manifest.json'), 'utf8')) as { files: Record<string, unknown>; state: unknown };
  return { files, state };
}

it.each([['wasm', 14, 30], ['cpu', 6, 12]] as const)('on %s, a run that is killed %i times at random moments ends with the bytes of one that never was', async (backend, kills, steps) => {
  const [whole, killed] = [await temporaryFolder(), await temporaryFolder()];
  await train(backend, whole, { steps });
  const wanted = await outcomeOf(whole);
  expect(wanted.state).toMatchObject({ step: steps, augment: { p: expect.any(Number) as number }, cursor: {}, stats: {}, plugins: { evaluateEvery: {} } });
  expect(Object.keys(wanted.files)).toEqual(expect.arrayContaining(['G', 'D', 'gEma', 'adamG.m', 'adamG.v', 'adamD.m', 'adamD.v', 'loss.pathLength']));
  const moments: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    // From before the first step to the middle of a checkpoint.
    const at = { lines: 1 + Math.floor(Math.random() * 4), delay: Math.random() * 12 };
    const { signal, said } = await train(backend, killed, { steps, kill: at });
    moments.push(`${at.delay.toFixed(1)} ms after line ${at.lines}: ${said[0]} to ${said.at(-1)}`);
    expect(signal, moments.join('; ')).toBe('SIGKILL');
  }
  const { said } = await train(backend, killed, { steps });
  moments.push(said[0]!);
  expect(await outcomeOf(killed), moments.join('; ')).toEqual(wanted);
}, 600_000);
