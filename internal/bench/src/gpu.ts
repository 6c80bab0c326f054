import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engine } from '@tensorflow/tfjs-core';
import { createRuntime } from '@spatialgan/backends';
import { webgpu } from '@spatialgan/backends/webgpu';
import { presetConfig } from '@spatialgan/model';
import { offerSoftwareVulkan } from '@spatialgan-internal/test-kit/softwareVulkan';
import { type BenchConfiguration, configurations } from './configurations.js';
import { type ConvShape, gpuConvolution } from './gpuConvolutions.js';
import { gpuPeak } from './gpuPeak.js';
import { countDispatches, totalOf } from './gpuDispatches.js';
import { type GpuCost, profileGpu } from './gpuProfile.js';
import { interleaved, median } from './timing.js';
import { createTrainingSteps } from './trainingSteps.js';

const usage = `usage: npm run bench:gpu [-- --config R32,R64] [--rounds 5] [--skip-tests] [--software] [--json FILE]
       npm run bench:gpu -- --count [--config R32,R64] [--json FILE]

On a GPU, in this order: the kernel tests and the golden cases on webgpu (it stops if one fails); the convolutions beside tfjs's
and the rate of multiply-adds in registers, by timestamps; the training steps and images with our kernels and without, in turn;
a profile of each by kernel, by timestamps. --software takes a software adapter and tiny shapes, to try the command itself.
--count only counts the dispatches of each step (batch 2) and image, on Dawn's null adapter, which compiles shaders and runs none.`;

const SHAPES: readonly ConvShape[] = [
  [8, 64, 64, 64, 3, 1], [1, 4, 512, 512, 3, 1], [1, 32, 512, 512, 3, 1], [1, 128, 128, 128, 3, 1], [1, 256, 64, 64, 3, 1], [1, 256, 64, 3, 1, 1],
  [8, 65, 64, 128, 3, 2],
];
const TINY: readonly ConvShape[] = [[1, 8, 8, 8, 3, 1]];

const tiny: BenchConfiguration = {
  name: 'R8',
  run: presetConfig('reference', { imgResolution: 8, channelBase: 64, channelMax: 16, latentDim: 16, mappingLayers: 2, batch: 4 }),
  pytorch: { Gmain: 0, Dmain: 0, Dreg: 0, image1: 0, image16: 0 },
};

/** Dawn rounds timestamps to 100 µs unless told not to. */
const dawnOptions = ['disable-dawn-features=timestamp_quantization'];
type Piece = 'Gmain' | 'Dmain' | 'Dreg' | 'image1' | 'image16';

/** Runs a check in a process of its own. @throws Error when it fails. */
function check(name: string, args: readonly string[]): void {
  console.log(`# ${name}\n`);
  const { status } = spawnSync('npx', args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`bench:gpu: ${name} failed (exit code ${status}); nothing was timed`);
}

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [`| ${head.join(' | ')} |`, `|${head.map((_, i) => (i === 0 ? '---' : '--:')).join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');

async function activate(software: boolean, kernels: boolean): Promise<void> {
  await createRuntime({ prefer: [webgpu({ allowSoftware: software, kernels, dawnOptions, onKernelError: ({ message }) => console.log(message) })] });
}

async function timeConvolutions(shapes: readonly ConvShape[], rounds: number, software: boolean) {
  const peak = await gpuPeak(rounds, software ? 4 : undefined);
  const results = [];
  for (const shape of shapes) results.push(await gpuConvolution(shape, rounds));
  const cell = (gflop: number, ms: number): string => `${ms.toFixed(3)} (${(gflop / ms * 1000 / peak).toFixed(2)})`;
  console.log(`# Convolutions\n\nMultiply-adds in registers: ${peak.toFixed(0)} GFLOP/s. Milliseconds (share of that rate); ratio of tfjs's forward time to ours.\n`);
  console.log(`${table(['batch × side², I→O, k, stride', 'tfjs forward', 'forward', 'ratio', 'input gradient', 'filter gradient'], results.map(({ shape: [n, s, i, o, k, t], gflop, ms }) =>
    [`${n} × ${s}², ${i}→${o}, ${k}, ${t}`, cell(gflop, ms.stock), cell(gflop, ms.forward), (ms.stock / ms.forward).toFixed(2), cell(gflop, ms.inputGrad), cell(gflop, ms.filterGrad)]))}\n`);
  return { peak, convolutions: results };
}

/** Each step with our kernels and with tfjs's alone, in turn. */
async function timeSteps(configuration: BenchConfiguration, rounds: number, software: boolean): Promise<Record<string, number>> {
  const { pieces, dispose } = createTrainingSteps(configuration, { recordPasses: false });
  const names = Object.keys(pieces) as Piece[];
  const ms: Record<string, number> = {};
  for (const name of names) {
    const pair = await inTurns({ ours: () => activate(software, true), plain: () => activate(software, false) }, pieces[name], rounds);
    ms[name] = pair.ours;
    ms[`${name} plain`] = pair.plain;
  }
  await activate(software, true);
  console.log(`# ${configuration.name}\n\n${table(['', 'ms', 'plain forms on tfjs, ms', 'ratio'], names.map((name) =>
    [name, ms[name]!.toFixed(1), ms[`${name} plain`]!.toFixed(1), (ms[`${name} plain`]! / ms[name]!).toFixed(2)]))}\n`);
  for (const name of names) {
    await pieces[name](); // after steps in plain forms the optimizer's tensors lie as they did before the first
    printProfile(`${configuration.name} ${name}`, await profileGpu(pieces[name]));
  }
  dispose();
  return ms;
}

/** Medians of a piece under several set-ups, which take turns; making a set-up is not timed, nor is the first run after it. */
async function inTurns<K extends string>(setUps: Readonly<Record<K, () => Promise<void>>>, piece: () => Promise<void>, rounds: number): Promise<Record<K, number>> {
  const names = Object.keys(setUps) as K[];
  const lists = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      await setUps[name]();
      lists[name].push((await interleaved({ piece }, 1)).piece);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(lists[name])])) as Record<K, number>;
}

function printProfile(name: string, costs: readonly GpuCost[] | null): void {
  if (!costs) return console.log(`${name}: the device has no timestamps`);
  const total = costs.reduce((sum, { ms }) => sum + ms, 0);
  const count = costs.reduce((sum, { dispatches }) => sum + dispatches, 0);
  console.log(`## ${name} by kernel: ${total.toFixed(2)} ms on the GPU, ${count} dispatches\n\n${table(['kernel', 'dispatches', 'ms', '%'], costs.slice(0, 25).map((cost) =>
    [cost.name, cost.dispatches, cost.ms.toFixed(3), (100 * cost.ms / total).toFixed(1)]))}\n`);
}

/** The kernels that dispatch most often, so many of them. */
const OFTENEST = 25;

/** Dispatches of each piece of each configuration from its second run on, when the optimizer's tensors lie as they will. */
async function countAll(chosen: readonly BenchConfiguration[]): Promise<Record<string, Record<string, number>>> {
  await createRuntime({ prefer: [webgpu({ dawnOptions: ['backend=null'], onKernelError: ({ message }) => console.log(message) })] });
  const count = countDispatches();
  const totals: Record<string, Record<string, number>> = {};
  for (const configuration of chosen) {
    const { run } = configuration;
    const { pieces, dispose } = createTrainingSteps({ ...configuration, run: { ...run, training: { ...run.training, batch: 2 } } });
    const own: Record<string, number> = totals[configuration.name] = {};
    for (const [name, piece] of Object.entries(pieces)) {
      await piece();
      const counted = await count(piece);
      own[name] = totalOf(counted);
      console.log(`## ${configuration.name} ${name}: ${own[name]} dispatches\n\n${table(['kernel', 'dispatches'], [...counted].sort(([, a], [, b]) => b - a).slice(0, OFTENEST))}\n`);
    }
    dispose();
  }
  console.log(table(['dispatches', ...Object.keys(Object.values(totals)[0] ?? {})], Object.entries(totals).map(([name, own]) => [name, ...Object.values(own)])));
  return totals;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: 'R32,R64' }, rounds: { type: 'string', default: '5' }, json: { type: 'string' },
      'skip-tests': { type: 'boolean', default: false }, software: { type: 'boolean', default: false },
      count: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(usage);
  const [rounds, software] = [Number(values.rounds), values.software];
  const named = configurations.filter(({ name }) => values.config.split(',').includes(name));
  const write = (report: object): void => {
    if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  };
  if (software || values.count) offerSoftwareVulkan(); // Vulkan's loader too, without which no adapter is looked for
  if (values.count) return write({ dispatches: await countAll(named) });
  if (!values['skip-tests']) {
    check('kernel tests', ['vitest', 'run', 'packages/backends/src/webgpu']);
    check('golden cases', ['tsx', '--conditions=spatialgan-source', 'internal/goldens/src/cli.ts', 'internal/goldens/cases', '--backend', 'webgpu']);
  }
  await activate(software, true);
  const { device, adapterInfo } = engine().backend as unknown as { device: { features: Iterable<string> }; adapterInfo: { vendor?: string; architecture?: string } };
  console.log(`# Device\n\n${adapterInfo.vendor} ${adapterInfo.architecture}, Node ${process.version}; ${[...device.features].join(', ')}\n`);
  const timed = await timeConvolutions(software ? TINY : SHAPES, rounds, software);
  const chosen = software ? [tiny] : named;
  const steps: Record<string, Record<string, number>> = {};
  for (const configuration of chosen) steps[configuration.name] = await timeSteps(configuration, rounds, software);
  write({ adapter: adapterInfo, rounds, ...timed, steps });
}

main().then(() => process.exit(0), (error: unknown) => {
  console.error((error as Error).message);
  process.exit(1);
});
