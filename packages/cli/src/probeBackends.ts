import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeBackends, openBackend } from './openBackend.js';

/** What trying one backend, or letting the best be chosen, showed. */
export type ProbeFinding =
  | { readonly name: string; /** null: it works. */ readonly reason: string | null }
  | { readonly auto: string; readonly reason: string; readonly training: boolean };

/** Tries every backend in this process. */
export async function probeBackends(tell: (finding: ProbeFinding) => void): Promise<void> {
  for (const [name, create] of Object.entries(nodeBackends)) tell({ name, reason: await create().unsupportedReason() });
  const best = await openBackend('auto');
  tell({ auto: best.backend, reason: best.reason, training: best.capabilities.training });
  best.dispose();
}

/** The command's own script, built or as source. */
const script = (): string =>
  ['./main.js', './main.ts'].map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))!;

/**
 * Tries every backend in a process of its own: a driver that prints warnings or crashes while it is tried does not reach ours.
 *
 * @returns how the process ended if it did not end well, with the last it said.
 */
export async function probeInChild(tell: (finding: ProbeFinding) => void): Promise<string | undefined> {
  const child = spawn(process.execPath, [...process.execArgv, script(), 'doctor', '--probe'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)));
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) tell(JSON.parse(line) as ProbeFinding);
  const [code, signal] = await closed;
  return code === 0 ? undefined : `${signal ?? `exit code ${code}`}: ${said.trim()}`;
}
