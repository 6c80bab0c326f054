import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import { sharedMemory, type SharedMemory } from '@spatialgan/trainer';
import { median } from './timing.js';

/** What a rank is started with. */
export interface RankData {
  readonly memory: SharedMemory;
  readonly rank: number;
  /** Of the run. */
  readonly name: string;
  /** Of all ranks together. */
  readonly batch: number;
}

/** What rank 0 tells of a step. */
export interface StepDone {
  readonly wall: number;
  /** Of its own thread; undefined where the system does not tell. */
  readonly cpu: number | undefined;
}

/** A step on one worker beside the same step shared by two, each on one thread. */
export interface WorkerTimes {
  readonly name: string;
  readonly batch: number;
  readonly one: StepDone;
  readonly two: StepDone;
}

interface Team {
  step(): Promise<StepDone>;
  stop(): Promise<void>;
}

/** Threads that do the steps of one run together. */
async function startTeam(run: Pick<RankData, 'name' | 'batch'>, size: number): Promise<Team> {
  const memory = sharedMemory(size);
  const script = JSON.stringify(new URL('./rank.ts', import.meta.url).href);
  const ranks = Array.from({ length: size }, (_, rank) =>
    new Worker(`import('tsx/esm/api').then(({ register }) => (register(), import(${script})));`, {
      eval: true, execArgv: ['--conditions=spatialgan-source'], workerData: { ...run, memory, rank } satisfies RankData,
    }));
  const failed = Promise.race(ranks.map(async (rank) => Promise.reject((await once(rank, 'error'))[0] as Error)));
  failed.catch(() => {});
  await Promise.race([once(ranks[0]!, 'message'), failed]);
  return {
    async step() {
      const done = once(ranks[0]!, 'message');
      ranks[0]!.postMessage('step');
      return ((await Promise.race([done, failed])) as [StepDone])[0];
    },
    stop: async () => void (await Promise.all(ranks.map((rank) => rank.terminate()))),
  };
}

async function warmed(team: Team): Promise<void> {
  const begun = performance.now();
  for (let i = 0; i < warmUp.steps && performance.now() - begun < warmUp.seconds * 1000; i++) await team.step();
}

const sharedBatch = 32;

/** Steps before the clock counts: V8 compiles for some time, on the cores that the workers need. Large networks compile as much in fewer steps. */
const warmUp = { seconds: 10, steps: 20 } as const;

/** Prints what two workers gain over one, a row a run. */
export async function compareWorkers(names: readonly string[], rounds: number): Promise<void> {
  console.log(`wasm, Node ${process.version}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(2)}, medians of ${rounds} rounds\n`);
  console.log(`| ${sharedBatch} images a step | 1 worker, ms | 2 workers | speed-up | rank 0's CPU ms | bound |\n|---|--:|--:|--:|--:|--:|`);
  for (const name of names) {
    const { one, two } = await workerTimes({ name, batch: sharedBatch }, rounds);
    const cpu = one.cpu === undefined || two.cpu === undefined ? '– | –' : `${one.cpu.toFixed(0)}, ${two.cpu.toFixed(0)} | ${(one.cpu / two.cpu).toFixed(2)}`;
    console.log(`| ${name} | ${one.wall.toFixed(0)} | ${two.wall.toFixed(0)} | ${(one.wall / two.wall).toFixed(2)} | ${cpu} |`);
  }
}

/**
 * Times steps of G and D (lazy losses are due at every sixteenth, which the median leaves out) in two teams in turn; medians.
 *
 * The clock tells the speed-up on a machine with two free cores. `cpu` is what rank 0's thread computes: the most that the clock
 * could tell, whatever else runs.
 */
export async function workerTimes(run: Pick<RankData, 'name' | 'batch'>, rounds: number): Promise<WorkerTimes> {
  const teams = [await startTeam(run, 1), await startTeam(run, 2)] as const;
  try {
    for (const team of teams) await warmed(team);
    const times: StepDone[][] = [[], []];
    for (let round = 0; round < rounds; round++) for (const [i, team] of teams.entries()) times[i]!.push(await team.step());
    const middle = (steps: readonly StepDone[]): StepDone => ({
      wall: median(steps.map(({ wall }) => wall)),
      cpu: steps.some(({ cpu }) => cpu === undefined) ? undefined : median(steps.map(({ cpu }) => cpu!)),
    });
    return { ...run, one: middle(times[0]!), two: middle(times[1]!) };
  } finally {
    for (const team of teams) await team.stop();
  }
}
