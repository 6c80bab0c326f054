import { resolve } from 'node:path';
import { SpatialGANError } from '@spatialgan/core';
import type { AugmentPreset } from '@spatialgan/data/augment';
import { type AugmentConfig, paperConfig, type PaperConfigName, type PresetName, presetConfig } from '@spatialgan/model';
import { dataSource } from './openDataset.js';
import type { RunFile, Schedule } from './runFile.js';

/** Options of `spatialgan train`, as commander gives them. */
export interface TrainOptions {
  readonly data?: string;
  readonly dataLicence?: string;
  readonly outdir: string;
  readonly resolution: number;
  readonly preset: PresetName;
  readonly config?: PaperConfigName;
  readonly batch: number;
  readonly kimg: number;
  readonly seed: number;
  readonly backend: string;
  readonly resume?: string;
  readonly onBad: 'skip' | 'refuse';
  readonly mirror: boolean;
  readonly latentDim: number;
  readonly channelBase?: number;
  readonly channelMax: number;
  readonly lr: number;
  readonly gamma?: number;
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
}

/** Names of the options that the user wrote, as opposed to those at their default. */
export type GivenOptions = ReadonlySet<string>;

/**
 * The configuration of a new run.
 *
 * @throws SpatialGANError 'CONFIG' without data.
 */
export function newRunFile(options: TrainOptions, command: readonly string[]): RunFile {
  if (options.data === undefined) {
    throw new SpatialGANError('CONFIG', "train: expected --data FOLDER, ZIP or 'avatars' (or --resume RUN), got neither");
  }
  const { resolution, onBad, mirror, batch, latentDim, channelMax, channelBase, lr, centerDeviation: deviation } = options;
  const size = { imgResolution: resolution, batch, latentDim, channelMax, ...(channelBase === undefined ? {} : { channelBase }) };
  const { model, training } = options.config === undefined ? presetConfig(options.preset, size) : paperConfig(options.config, size);
  const { alignment, r1 } = training;
  return {
    version: 1,
    run: {
      model: deviation === undefined ? model : { ...model, sampler: { ...model.sampler, deviation } },
      training: {
        ...training,
        lrG: lr,
        lrD: lr,
        r1: { ...r1, gamma: options.gamma ?? r1.gamma },
        alignment: alignment && { ...alignment, weight: options.alignWeight },
        augment: augmentConfig(options),
      },
    },
    data: {
      source: dataSource(options.data), resolution, onBad, mirror,
      ...(options.dataLicence === undefined ? {} : { licence: options.dataLicence }),
    },
    seed: options.seed,
    ...(options.init === undefined ? {} : { init: resolve(options.init) }),
    schedule: scheduleOf(options),
    command,
  };
}

/** @throws SpatialGANError 'CONFIG' when a fixed augmentation has no probability. */
function augmentConfig({ aug, augpipe, p, target }: TrainOptions): AugmentConfig | null {
  if (aug === 'noaug') return null;
  if (aug === 'fixed' && p === undefined) throw new SpatialGANError('CONFIG', '--aug fixed: expected --p, the probability, got none');
  return { pipe: augpipe, p: p ?? 0, target: aug === 'ada' ? target : null };
}

const scheduleOf = ({ kimg, tick, snap, checkpoint }: TrainOptions): Schedule => ({ kimg, tick, snap, checkpoint });

/** What a run holds for each option that decides its result. */
const decided: Readonly<Record<string, readonly [flag: string, (file: RunFile) => unknown]>> = {
  resolution: ['--resolution', ({ data }) => data.resolution],
  preset: ['--preset', ({ run }) => run.model.name.replace(/\d+$/, '')],
  config: ['--config', ({ run }) => run.model.name.replace(/\d+$/, '').replace(/^(sampling|encoding|processing|indoor)-/, '$1/')],
  batch: ['--batch', ({ run }) => run.training.batch],
  seed: ['--seed', ({ seed }) => seed],
  onBad: ['--on-bad', ({ data }) => data.onBad],
  mirror: ['--mirror', ({ data }) => data.mirror],
  latentDim: ['--latent-dim', ({ run }) => run.model.generator.zDim],
  channelBase: ['--channel-base', ({ run }) => run.model.generator.channelBase],
  channelMax: ['--channel-max', ({ run }) => run.model.generator.channelMax],
  lr: ['--lr', ({ run }) => run.training.lrG],
  gamma: ['--gamma', ({ run }) => run.training.r1.gamma],
  alignWeight: ['--align-weight', ({ run }) => run.training.alignment?.weight],
  aug: ['--aug', ({ run: { training: { augment } } }) => (!augment ? 'noaug' : augment.target === null ? 'fixed' : 'ada')],
  augpipe: ['--augpipe', ({ run }) => run.training.augment?.pipe],
  p: ['--p', ({ run }) => run.training.augment?.p],
  target: ['--target', ({ run }) => run.training.augment?.target],
  centerDeviation: ['--center-deviation', ({ run }) => (run.model.sampler as { deviation?: number }).deviation],
};

function assertNoConflict(file: RunFile, options: TrainOptions, given: GivenOptions): void {
  if (given.has('init')) throw new SpatialGANError('CONFIG', '--init: expected a new run, got --resume; give one of the two');
  const conflicts = Object.entries(decided).flatMap(([name, [flag, held]]) => {
    const [asked, has] = [options[name as keyof TrainOptions], held(file)];
    return given.has(name) && asked !== has ? [`${flag} ${String(asked)} (the run has ${String(has)})`] : [];
  });
  if (conflicts.length === 0) return;
  throw new SpatialGANError(
    'CONFIG',
    `--resume: a run keeps the configuration it began with, got ${conflicts.join(', ')}; leave that out, or start a new run`,
  );
}

/**
 * The configuration with which a run goes on: its own, with another place of the same data or another schedule
 * where the user gave one.
 *
 * @throws SpatialGANError 'CONFIG' when the user asks for what would make it another run.
 */
export function resumedRunFile(file: RunFile, options: TrainOptions, given: GivenOptions): RunFile {
  assertNoConflict(file, options, given);
  const asked = Object.entries(scheduleOf(options)).filter(([name]) => given.has(name));
  return {
    ...file,
    data: {
      ...file.data,
      ...(options.data === undefined ? {} : { source: dataSource(options.data) }),
      ...(options.dataLicence === undefined ? {} : { licence: options.dataLicence }),
    },
    schedule: { ...file.schedule, ...Object.fromEntries(asked) },
  };
}
