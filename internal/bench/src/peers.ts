import { availableParallelism, loadavg } from 'node:os';
import type { BenchConfiguration } from './configurations.js';
import { startEdits, storedOf } from './edits.js';
import { startOnnx } from './onnx.js';
import { type Peer, pieceNames, startPyTorch } from './pytorch.js';
import { type Cost, interleavedCosts, type Piece } from './timing.js';
import { createTrainingSteps } from './trainingSteps.js';

interface Settings {
  readonly rounds: number;
  readonly python: string;
  readonly threads: number | undefined;
  /** Names of the pieces to time; all when absent. */
  readonly only?: readonly string[] | undefined;
}

/** Times every piece of every peer in turn with ours and prints a table a configuration. */
export async function comparePeers(configurations: readonly BenchConfiguration[], { rounds, python, threads, only }: Settings): Promise<void> {
  for (const configuration of configurations) {
    const steps = createTrainingSteps(configuration);
    const count = threads ?? availableParallelism();
    const peers: readonly Peer<string>[] = [
      await startPyTorch(configuration, { python, threads }),
      await startOnnx('onnxruntime-node', configuration, count), await startOnnx('onnxruntime-web', configuration, count),
    ];
    const running = peers.flatMap((peer) => ('reason' in peer ? [] : [peer]));
    const pieces: Record<string, Piece> = {};
    const edits = await startEdits(await storedOf(configuration), 1);
    for (const name of pieceNames.filter((piece) => !only || only.includes(piece))) {
      pieces[`${name}/ours`] = name === 'image1' ? edits.pieces['all new']! : steps.pieces[name];
      if (name === 'image1') pieces['image1/ours, no plan'] = steps.pieces.image1;
      for (const { label, pieces: theirs } of running) if (theirs[name]) pieces[`${name}/${label}`] = theirs[name];
    }
    const before = loadavg()[0]!;
    const costs = await interleavedCosts(pieces, rounds);
    console.log(`${table(configuration.name, costs)}\n\nload ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after`);
    for (const peer of peers) if ('reason' in peer) console.log(`skipped: ${peer.reason}`);
    console.log('');
    for (const { dispose } of running) dispose();
    steps.dispose();
    await edits.dispose();
  }
}

function table(name: string, costs: Readonly<Record<string, Cost>>): string {
  const rows = Object.entries(costs).map(([key, { wall, cpu }]) => {
    const [piece, who] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];
    const ours = costs[`${piece}/ours`]!;
    const ratios = who === 'ours' ? '| |' : `| ${(wall / ours.wall).toFixed(2)} | ${(cpu / ours.cpu).toFixed(2)}`;
    return `| ${piece} | ${who} | ${wall.toFixed(1)} | ${cpu.toFixed(1)} ${ratios} |`;
  });
  return [`| ${name} | | ms | CPU ms | theirs / ours | by CPU time |`, '|---|---|--:|--:|--:|--:|', ...rows].join('\n');
}
