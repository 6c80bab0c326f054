import { SpatialGANError } from '@spatialgan/core';
import type { AugmentConfig, TrainingConfig } from '@spatialgan/model';
import type { RunFile } from './runFile.js';
import type { GivenOptions, TrainOptions } from './trainOptions.js';

/** An option that decides a run's result: what the run holds for it, and how --force puts another in its place. */
interface DecidedOption {
  readonly flag: string;
  readonly held: (file: RunFile) => unknown;
  /** Absent: the checkpoint would not fit any more. */
  readonly change?: (training: TrainingConfig, options: TrainOptions) => Partial<TrainingConfig>;
}

const augmentOf = (training: TrainingConfig): AugmentConfig => training.augment ?? { pipe: 'bgc', p: 0, target: null };
const title = ({ run }: RunFile): string => run.model.name.replace(/\d+$/, '');

const decided: Readonly<Partial<Record<keyof TrainOptions, DecidedOption>>> = {
  resolution: { flag: '--resolution', held: ({ data }) => data.resolution },
  preset: { flag: '--preset', held: title },
  config: { flag: '--config', held: (file) => title(file).replace(/^(sampling|encoding|processing|indoor)-/, '$1/') },
  batch: { flag: '--batch', held: ({ run }) => run.training.batch, change: (_, { batch }) => ({ batch: batch! }) },
  seed: { flag: '--seed', held: ({ seed }) => seed },
  onBad: { flag: '--on-bad', held: ({ data }) => data.onBad },
  mirror: { flag: '--mirror', held: ({ data }) => data.mirror },
  cond: { flag: '--cond', held: ({ data }) => data.cond ?? false },
  overfit: { flag: '--overfit', held: ({ data }) => data.overfit },
  latentDim: { flag: '--latent-dim', held: ({ run }) => run.model.generator.zDim },
  channelBase: { flag: '--channel-base', held: ({ run }) => run.model.generator.channelBase },
  channelMax: { flag: '--channel-max', held: ({ run }) => run.model.generator.channelMax },
  freezed: { flag: '--freezed', held: ({ run }) => run.model.discriminator.freezeLayers ?? 0 },
  centerDeviation: { flag: '--center-deviation', held: ({ run }) => (run.model.sampler as { deviation?: number }).deviation },
  lr: { flag: '--lr', held: ({ run }) => run.training.lrG, change: (_, { lr }) => ({ lrG: lr!, lrD: lr! }) },
  gamma: { flag: '--gamma', held: ({ run }) => run.training.r1.gamma, change: ({ r1 }, { gamma }) => ({ r1: { ...r1, gamma: gamma! } }) },
  emaKimg: { flag: '--ema-kimg', held: ({ run }) => run.training.ema.kimg, change: ({ ema }, { emaKimg }) => ({ ema: { ...ema, kimg: emaKimg! } }) },
  emaRampup: { flag: '--ema-rampup', held: ({ run }) => run.training.ema.rampup ?? 0, change: ({ ema }, { emaRampup }) => ({ ema: { ...ema, rampup: emaRampup || null } }) },
  styleMixing: { flag: '--style-mixing', held: ({ run }) => run.training.styleMixingProb, change: (_, { styleMixing }) => ({ styleMixingProb: styleMixing! }) },
  pathLength: {
    flag: '--path-length', held: ({ run }) => run.training.pathLength?.weight ?? 0,
    change: (_, { pathLength }) => ({ pathLength: pathLength ? { weight: pathLength, interval: 4 } : null }),
  },
  alignWeight: {
    flag: '--align-weight', held: ({ run }) => run.training.alignment?.weight,
    change: ({ alignment }, { alignWeight: weight }) => ({ alignment: alignment && { ...alignment, weight } }),
  },
  aug: {
    flag: '--aug', held: ({ run: { training: { augment } } }) => (!augment ? 'noaug' : augment.target === null ? 'fixed' : 'ada'),
    change: (training, { aug, target, p }) => ({ augment: aug === 'noaug' ? null : { ...augmentOf(training), ...(p === undefined ? {} : { p }), target: aug === 'ada' ? target : null } }),
  },
  augpipe: { flag: '--augpipe', held: ({ run }) => run.training.augment?.pipe, change: (training, { augpipe: pipe }) => ({ augment: training.augment ? { ...training.augment, pipe } : null }) },
  p: { flag: '--p', held: ({ run }) => run.training.augment?.p, change: ({ augment }, { p }) => ({ augment: augment ? { ...augment, p: p! } : null }) },
  target: { flag: '--target', held: ({ run }) => run.training.augment?.target, change: ({ augment }, { target }) => ({ augment: augment && augment.target !== null ? { ...augment, target } : (augment ?? null) }) },
};

/** Options that only a new run can take. */
const onlyNew = { init: '--init', cfg: '--cfg' } as const;

/**
 * A run's configuration after the options that came with --resume: its own; with --force, with what was asked for and can change.
 *
 * @throws SpatialGANError 'CONFIG' that lists what was asked for beside what the run has.
 */
export function assertNoConflict(file: RunFile, options: TrainOptions, given: GivenOptions): RunFile {
  for (const [name, flag] of Object.entries(onlyNew)) {
    if (given.has(name)) throw new SpatialGANError('CONFIG', `${flag}: expected a new run, got --resume; give one of the two`);
  }
  const asked = Object.entries(decided).filter(([name, { held }]) => given.has(name) && options[name as keyof TrainOptions] !== held(file));
  if (asked.length === 0) return file;
  const fixed = options.force ? asked.filter(([, { change }]) => !change) : asked;
  if (fixed.length > 0) {
    const list = fixed.map(([name, { flag, held }]) => `${flag} ${String(options[name as keyof TrainOptions])} (the run has ${String(held(file))})`);
    const canForce = !options.force && asked.every(([, { change }]) => change);
    const rest = canForce ? 'leave that out, go on all the same with --force, or start a new run' : 'leave that out, or start a new run (with --init RUN for its networks)';
    throw new SpatialGANError('CONFIG', `--resume: a run keeps the configuration it began with, got ${list.join(', ')}; ${rest}`);
  }
  const training = asked.reduce((changed, [, { change }]) => ({ ...changed, ...change!(changed, options) }), file.run.training);
  return { ...file, run: { ...file.run, training } };
}
