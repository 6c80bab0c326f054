import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchConfiguration } from './configurations.js';
import type { Piece } from './timing.js';

const script = fileURLToPath(new URL('../peers/eager.py', import.meta.url));

/** The pieces that eager.py answers to. */
export const pieceNames = ['Gmain', 'Dmain', 'Dreg', 'image1', 'image16'] as const;
export type PieceName = (typeof pieceNames)[number];

/** A running peer, or why there is none. */
export type Peer<K extends string> =
  | { readonly label: string; readonly pieces: Readonly<Record<K, Piece>>; dispose(): void }
  | { readonly reason: string };

/** Starts eager.py with a configuration's networks and losses; it serves a piece per line. */
export async function startPyTorch(
  { run }: BenchConfiguration, { python, threads }: { readonly python: string; readonly threads?: number | undefined },
): Promise<Peer<PieceName>> {
  const { imgResolution, channelBase, channelMax, wDim } = run.model.generator;
  const child = spawn(python, [script, 'serve'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  const ended = once(child, 'close').catch((error: Error) => (complaint += error.message));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on('error', () => {}); // a child that could not start closes its pipe; the reason is in `complaint`
  const ask = async <T>(line: string): Promise<T | null> => {
    child.stdin.write(`${line}\n`);
    const answer = await lines.next();
    return answer.done ? null : JSON.parse(answer.value as string) as T;
  };
  const hello = await ask<{ torch: string; threads: number }>(JSON.stringify({
    resolution: imgResolution, channelBase, channelMax, wDim, batch: run.training.batch, gamma: run.training.r1?.gamma ?? 0, threads,
  }));
  if (!hello) {
    await ended;
    return { reason: `PyTorch: ${complaint.trim().split('\n').at(-1) ?? 'no answer'} (--python says which Python to run)` };
  }
  const piece = (name: PieceName): Piece => async () => {
    const answer = await ask<{ cpu: number }>(name);
    if (!answer) throw new Error(`eager.py stopped in ${name}: ${complaint}`);
    return answer.cpu;
  };
  return {
    label: `PyTorch ${hello.torch}, ${hello.threads} threads`,
    pieces: Object.fromEntries(pieceNames.map((name) => [name, piece(name)])) as Record<PieceName, Piece>,
    dispose: () => void child.stdin.end(),
  };
}
