import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { autoBackends } from '@spatialgan/backends/auto';
import { createRuntime } from '@spatialgan/backends';
import { wasmPeak } from '@spatialgan/backends/wasm';
import { webgpu } from '@spatialgan/backends/webgpu';
import { SpatialGANError } from '@spatialgan/core';
import { type BenchConfiguration, configurations, sharedRuns } from './configurations.js';
import { convolutionRates } from './convolutions.js';
import { compareEdits } from './edits.js';
import { type BenchReport, convolutionTable, stepTable, type StepTimes } from './report.js';
import { comparePeers } from './peers.js';
import { copyRate, rooflineTable } from './roofline.js';
import { interleavedCosts } from './timing.js';
import { compareWorkers } from './workers.js';
import { createTrainingSteps } from './trainingSteps.js';

const usage = `usage: npm run bench -- [--backend wasm] [--software] [--config R32,R64] [--rounds 5] [--threads N] [--json FILE]
       npm run bench -- --workers [--config P32,P64,R32,R64,A32] [--rounds 5]
       npm run bench -- --peers [--python PYTHON] [--pieces image1,Dmain] [--config R32,R64] [--rounds 5] [--threads N]
       npm run bench -- --edits [--model FILE] [--config R32,R64] [--rounds 5] [--threads N]

Times the convolutions against the backend's stock Conv2D, and the training steps and images of each configuration
(--config none leaves them out); on wasm also where a step's time goes, kernel by kernel, beside what the threads can do at best
(read that with --threads 1: the peak of several threads is taken for as many times one's).
--software lets --backend webgpu take an adapter that computes on the CPU; for GPUs see npm run bench:gpu.
--workers times steps of 32 images on one worker and shared by two (16 each), every worker on one thread
(A32, the networks of --size auto, takes a minute a round and is left out unless it is named). Medians over rounds in which all pieces run in turn.
--peers times the same steps and images in eager PyTorch (internal/bench/peers/eager.py) and one image in onnxruntime, in turn
with ours; a peer that is not installed is skipped with the reason. --threads limits all of them.
--edits times one image of the bundled model (or FILE) and of each configuration: without a plan, by a local runtime, and by it after
each kind of edit.`;

function chosen(list: string, names: readonly string[]): readonly string[] {
  if (list === 'none') return [];
  const unknown = list.split(',').find((name) => !names.includes(name));
  if (unknown === undefined) return list.split(',');
  throw new SpatialGANError('CONFIG', `bench: expected --config of ${names.join(', ')}, got '${unknown}'`);
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new SpatialGANError('CONFIG', `bench: expected --rounds of 1 or more, got '${text}'`);
}

const phases = ['Gmain', 'Dmain', 'Dreg'] as const;

/** The steps as a trainer computes them and, in turn, their phases through tfjs's engine. */
async function timeSteps(configuration: BenchConfiguration, rounds: number): Promise<StepTimes & { readonly engine: string }> {
  const [steps, plain] = [createTrainingSteps(configuration), createTrainingSteps(configuration, { recordPasses: false })];
  try {
    const engine = Object.fromEntries(phases.map((name) => [`${name} engine`, plain.pieces[name]]));
    const costs = await interleavedCosts({ ...steps.pieces, ...engine }, rounds);
    const text = (name: string, kind: 'wall' | 'cpu'): string => costs[name as keyof typeof costs][kind].toFixed(0);
    const compared = phases.map((name) => `${name} ${text(name, 'wall')} and ${text(`${name} engine`, 'wall')} ms (CPU ${text(name, 'cpu')} and ${text(`${name} engine`, 'cpu')})`);
    const ms = Object.fromEntries(Object.entries(costs).map(([name, { wall }]) => [name, wall])) as unknown as StepTimes['ms'];
    return { name: configuration.name, ms, pytorch: configuration.pytorch, engine: `recorded and through the engine: ${compared.join(', ')}` };
  } finally {
    steps.dispose();
    plain.dispose();
  }
}

async function printRooflines(selected: readonly BenchConfiguration[], threads: number): Promise<void> {
  const [gflops, gbytes] = [await wasmPeak(), copyRate()];
  if (gflops === null) return;
  console.log(`one thread: ${gflops.toFixed(1)} GFLOP/s of multiply-adds in registers, ${gbytes.toFixed(1)} GB/s of copying\n`);
  for (const configuration of selected) {
    const { pieces, dispose } = createTrainingSteps(configuration, { recordPasses: false });
    for (const piece of ['Gmain', 'Dmain'] as const) {
      console.log(`${await rooflineTable(`${configuration.name} ${piece}`, pieces[piece], { gflops, gbytes, threads })}\n`);
    }
    dispose();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      backend: { type: 'string', default: 'wasm' },
      config: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'string' },
      workers: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      pieces: { type: 'string' },
      edits: { type: 'boolean', default: false },
      model: { type: 'string', default: 'models/avatars/model.safetensors' },
      python: { type: 'string', default: 'python3' },
      threads: { type: 'string' },
      software: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(usage);
  const rounds = parseRounds(values.rounds);
  if (values.workers) return compareWorkers(chosen(values.config ?? 'P32,P64,R32,R64', Object.keys(sharedRuns)), rounds);
  const selected = chosen(values.config ?? 'R32,R64', configurations.map(({ name }) => name)).map((name) => configurations.find((each) => each.name === name)!);
  const threads = values.threads === undefined ? undefined : parseRounds(values.threads);
  const backends = [...values.software ? [webgpu({ allowSoftware: true })] : [], ...autoBackends(threads === undefined ? {} : { wasm: { threads } })];
  const { backend } = await createRuntime({ prefer: backends.filter(({ name }) => name === values.backend) });
  const before = loadavg()[0]!;
  console.log(`${backend}, Node ${process.version}, ${cpus().length} cores, load ${before.toFixed(2)}, medians of ${rounds} rounds\n`);
  if (values.peers) return comparePeers(selected, { rounds, python: values.python, threads, only: values.pieces?.split(',') });
  if (values.edits) return compareEdits(selected, { rounds, file: values.model });
  const convolutions = await convolutionRates(rounds);
  console.log(`${convolutionTable(convolutions)}\n`);
  const steps: StepTimes[] = [];
  for (const configuration of selected) {
    const { engine, ...times } = await timeSteps(configuration, rounds);
    steps.push(times);
    console.log(`${stepTable(times)}\n\n${engine}\n`);
  }
  if (backend === 'wasm') await printRooflines(selected, threads ?? availableParallelism());
  const after = loadavg()[0]!;
  console.log(`load afterwards ${after.toFixed(2)}; PyTorch: the authors' code, two cores of the reference machine, for orientation`);
  const report: BenchReport = { backend, node: process.version, cores: cpus().length, load: [before, after], rounds, convolutions, steps };
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof SpatialGANError ? error.message : error);
  process.exitCode = 1;
});
