import { resolve } from 'node:path';
import { SpatialGANError } from '@spatialgan/core';
import type { AugmentPreset } from '@spatialgan/data/augment';
import {
  type AugmentConfig, defaultResolution, paperConfig, type PaperConfigName, type PresetName, presetConfig, type RunConfig, type SizeName, sizeDefaults,
} from '@spatialgan/model';
import { assertNoConflict } from './decidedOptions.js';
import type { MetricName } from './metrics/evaluateModel.js';
import { dataSource } from './openDataset.js';
import type { DivergencePolicy, MetricsSchedule, RunFile, Schedule } from './runFile.js';

/** Options of `spatialgan train`, as commander gives them. Those that are absent are the size's (`--cfg`). */
export interface TrainOptions {
  readonly data?: string;
  readonly dataLicence?: string;
  readonly outdir: string;
  readonly resolution?: number;
  readonly preset: PresetName;
  readonly config?: PaperConfigName;
  readonly cfg?: SizeName;
  readonly batch?: number;
  readonly batchGpu?: number;
  readonly workers: number;
  readonly kimg?: number;
  readonly seed: number;
  readonly backend: string;
  readonly resume?: string;
  readonly force?: boolean;
  readonly onBad: 'skip' | 'refuse';
  readonly mirror: boolean;
  readonly cond?: boolean;
  readonly overfit?: number;
  readonly latentDim?: number;
  readonly channelBase?: number;
  readonly channelMax?: number;
  readonly lr?: number;
  readonly gamma?: number;
  readonly emaKimg?: number;
  readonly emaRampup?: number;
  readonly styleMixing?: number;
  readonly pathLength?: number;
  readonly freezed?: number;
  readonly alignWeight: number;
  readonly aug: 'noaug' | 'ada' | 'fixed';
  readonly augpipe: AugmentPreset;
  readonly p?: number;
  readonly target: number;
  readonly centerDeviation?: number;
  readonly init?: string;
  readonly tick: number;
  readonly snap: number;
  readonly checkpoint: number;
  readonly keep?: number;
  readonly tensorboard?: boolean;
  readonly onDivergence?: DivergencePolicy;
  readonly metrics?: readonly MetricName[];
  /** Default 1000. */
  readonly metricsNum?: number;
  /** Default: with each sheet of samples. */
  readonly metricsEvery?: number;
  /** Milliseconds. */
  readonly maxTime?: number;
  readonly dryRun?: boolean;
}

/** Names of the options that the user wrote, as opposed to those at their default. */
export type GivenOptions = ReadonlySet<string>;

/** `value` under `name`, or nothing when it was not given. */
const optional = <K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [key in K]?: V };

/** The networks and the training that the options ask for. */
function runConfigOf(options: TrainOptions): RunConfig {
  const { batch, latentDim, channelBase, channelMax, lr, gamma, emaKimg, emaRampup, styleMixing, pathLength, freezed = 0 } = options;
  const size = {
    imgResolution: options.resolution ?? defaultResolution(options.cfg ?? 'small'),
    ...optional('size', options.cfg), ...optional('batch', batch), ...optional('latentDim', latentDim),
    ...optional('channelBase', channelBase), ...optional('channelMax', channelMax),
  };
  const { model, training } = options.config === undefined ? presetConfig(options.preset, size) : paperConfig(options.config, size);
  const { alignment, r1, ema } = training;
  const { centerDeviation: deviation } = options;
  return {
    model: {
      ...model,
      ...(deviation === undefined ? {} : { sampler: { ...model.sampler, deviation } }),
      ...(freezed === 0 ? {} : { discriminator: { ...model.discriminator, freezeLayers: freezed } }),
    },
    training: {
      ...training,
      lrG: lr ?? training.lrG,
      lrD: lr ?? training.lrD,
      r1: { ...r1, gamma: gamma ?? r1.gamma },
      ema: { kimg: emaKimg ?? ema.kimg, rampup: emaRampup === undefined ? ema.rampup : emaRampup || null },
      styleMixingProb: styleMixing ?? training.styleMixingProb,
      pathLength: pathLength === undefined ? training.pathLength : pathLength === 0 ? null : { weight: pathLength, interval: 4 },
      alignment: alignment && { ...alignment, weight: options.alignWeight },
      augment: augmentConfig(options),
    },
  };
}

/**
 * The configuration of a new run.
 *
 * @throws SpatialGANError 'CONFIG' without data, or when the options do not fit together.
 */
export function newRunFile(options: TrainOptions, command: readonly string[]): RunFile {
  if (options.data === undefined) {
    throw new SpatialGANError('CONFIG', "train: expected --data FOLDER, ZIP, 'avatars' or 'rooms' (or --resume RUN), got neither");
  }
  const { onBad, mirror, cond = false, overfit } = options;
  const run = runConfigOf(options);
  return {
    version: 1,
    run,
    data: {
      source: dataSource(options.data), resolution: run.model.generator.imgResolution, onBad, mirror,
      ...(cond ? { cond } : {}), ...optional('overfit', overfit), ...optional('licence', options.dataLicence),
    },
    seed: options.seed,
    ...(options.init === undefined ? {} : { init: resolve(options.init) }),
    schedule: scheduleOf(options, run),
    ...splitOf(options.workers, options.batchGpu),
    command,
  };
}

/** @throws SpatialGANError 'CONFIG' when a fixed augmentation has no probability. */
function augmentConfig({ aug, augpipe, p, target }: TrainOptions): AugmentConfig | null {
  if (aug === 'noaug') return null;
  if (aug === 'fixed' && p === undefined) throw new SpatialGANError('CONFIG', '--aug fixed: expected --p, the probability, got none');
  return { pipe: augpipe, p: p ?? 0, target: aug === 'ada' ? target : null };
}

const splitOf = (workers: number, batchGpu: number | undefined): Pick<RunFile, 'split'> =>
  workers === 1 && batchGpu === undefined ? {} : { split: { workers, ...optional('batchGpu', batchGpu) } };

const metricsOf = ({ metrics, metricsNum = 1000, metricsEvery, snap }: TrainOptions): MetricsSchedule | undefined =>
  metrics && { names: metrics, num: metricsNum, kimg: metricsEvery ?? snap };

function scheduleOf(options: TrainOptions, { model }: RunConfig): Schedule {
  const { kimg, tick, snap, checkpoint, keep, tensorboard, onDivergence } = options;
  return {
    kimg: kimg ?? sizeDefaults(options.cfg ?? 'small', model.generator.imgResolution).kimg,
    tick, snap, checkpoint, ...optional('keep', keep), ...optional('tensorboard', tensorboard), ...optional('onDivergence', onDivergence),
    ...optional('metrics', metricsOf(options)),
  };
}

/**
 * The configuration with which a run goes on: its own, with another place of the same data or another schedule
 * where the user gave one, and with --force with what else was given and can change.
 *
 * @throws SpatialGANError 'CONFIG' when the user asks for what would make it another run.
 */
export function resumedRunFile(file: RunFile, options: TrainOptions, given: GivenOptions): RunFile {
  const { split, ...forced } = assertNoConflict(file, options, given);
  const asked = (['kimg', 'tick', 'snap', 'checkpoint', 'keep', 'tensorboard', 'onDivergence'] as const).filter((name) => given.has(name));
  return {
    ...forced,
    data: { ...forced.data, ...optional('source', options.data && dataSource(options.data)), ...optional('licence', options.dataLicence) },
    schedule: {
      ...forced.schedule, ...Object.fromEntries(asked.map((name) => [name, options[name]])), ...optional('metrics', metricsOf(options)),
    },
    // Another machine may have other cores: what is not asked for stays.
    ...splitOf(given.has('workers') ? options.workers : (split?.workers ?? 1), given.has('batchGpu') ? options.batchGpu : split?.batchGpu),
  };
}
