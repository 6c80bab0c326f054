import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { runCli } from '../src/runCli.js';

/** How a command ended and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly info: readonly string[];
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
}

/** Runs a command line in this process. */
export async function callCli(...args: readonly string[]): Promise<Ended> {
  const [info, warnings, errors]: [string[], string[], string[]] = [[], [], []];
  const said = (text: string | Uint8Array): boolean => errors.push(String(text)) > 0;
  // Commander itself writes here.
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(said as never);
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(((text: string) => info.push(text) > 0) as never);
  try {
    const code = await runCli(args, {
      info: (text) => void info.push(text), warn: (text) => void warnings.push(text), error: (text) => void errors.push(text),
    });
    return { code, signal: null, info, warnings, errors };
  } finally {
    stderr.mockRestore();
    stdout.mockRestore();
  }
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

type Kill = (signal: NodeJS.Signals) => void;

/** Runs the command from its source in a process of its own; `onLine` and `onStart` may end it with a signal. */
export async function spawnCli(args: readonly string[], onLine: (line: string, kill: Kill) => void = () => {}, onStart: (kill: Kill) => void = () => {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=spatialgan-source', '--import', 'tsx', main, ...args], {
    cwd: root, stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart((signal) => child.kill(signal));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [info, errors]: [string[], string[]] = [[], []];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  createInterface({ input: child.stdout }).on('line', (line) => {
    info.push(line);
    onLine(line, (signal) => child.kill(signal));
  });
  const [code, signal] = await closed;
  return { code, signal, info, errors, warnings: errors.filter((line) => line.startsWith('warning: ')) };
}

/** A folder that goes with the test. */
export async function temporaryFolder(finished: (done: () => Promise<void>) => void = onTestFinished): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'spatialgan-cli-'));
  finished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
