import type { RunConfig } from '@spatialgan/model';
import type { MetricName } from './metrics/evaluateModel.js';
import type { DataConfig, DatasetFacts } from './openDataset.js';

/** What becomes of steps that are not finite; `zero`: their gradients count as none, as in StyleGAN2. */
export const divergencePolicies = ['zero', 'stop', 'skip', 'rollback'] as const;
export type DivergencePolicy = (typeof divergencePolicies)[number];

/** What is measured while a run trains, of how many images, and how often in thousands of images. */
export interface MetricsSchedule {
  readonly names: readonly MetricName[];
  readonly num: number;
  readonly kimg: number;
}

/** When a run ends and what it writes how often, in thousands of images. Does not change the result of a run that stays finite. */
export interface Schedule {
  readonly kimg: number;
  readonly tick: number;
  readonly snap: number;
  readonly checkpoint: number;
  /** Checkpoints that are kept. Default 3. */
  readonly keep?: number;
  /** Whether there is an event file for TensorBoard. Default false. */
  readonly tensorboard?: boolean;
  /** Default none. */
  readonly metrics?: MetricsSchedule;
  /** Default 'skip'. */
  readonly onDivergence?: DivergencePolicy;
}

/** The parts of a batch. */
export interface SplitConfig {
  /** Threads that share each batch. */
  readonly workers: number;
  /** Images that each computes at a time; absent: all of its share. */
  readonly batchGpu?: number;
}

/** config.json of a run: all that decides its result, and the command that started it. */
export interface RunFile {
  readonly version: 1;
  readonly run: RunConfig;
  readonly data: DataConfig;
  /** What the data turned out to be; absent in runs of before it was noted. */
  readonly dataset?: DatasetFacts;
  readonly seed: number;
  /** The run or model file whose networks it began with. */
  readonly init?: string;
  readonly schedule: Schedule;
  /** How batches are computed; absent: at once, by one thread. The result depends on it by rounding only. */
  readonly split?: SplitConfig;
  readonly command: readonly string[];
}

/** Reads config.json; a run of before the schedule was noted takes the usual one. Throws a plain Error. */
export function parseRunFile(text: string): RunFile {
  const file = JSON.parse(text) as RunFile & { readonly kimgPerTick?: number };
  if (file.version !== 1) throw new Error(`expected version 1, got ${String(file.version)}`);
  if (!file.run?.model || !file.run.training || !file.data) throw new Error('expected run and data in it');
  const { kimgPerTick, ...rest } = file;
  return { ...rest, schedule: file.schedule ?? { kimg: 100, tick: kimgPerTick ?? 1, snap: 10, checkpoint: 10 } };
}
