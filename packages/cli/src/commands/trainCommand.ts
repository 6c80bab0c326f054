import { augmentPresets } from '@spatialgan/data/augment';
import { paperConfigNames, presetNames, sizeNames } from '@spatialgan/model';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { backendOption, examples, type Frame, numberIn, powerOfTwo, whole } from '../commandFrame.js';
import { divergencePolicies } from '../runFile.js';
import { metricNames } from '../metrics/evaluateModel.js';
import { parseMetrics } from '../metrics/parseMetrics.js';
import type { TrainOptions } from '../trainOptions.js';
import { train } from './train.js';

const gammaHelp =
  "weight of R1; default: 0.0002 x resolution^2 / batch, StyleGAN2-ADA's rule of thumb for any size of image. " +
  'Below 64 pixels it is low: raise it (0.5 to 2 at 32) when D wins, i.e. images stop changing or repeat';

const units: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };

/** '90m', '1h30m', '45s' → milliseconds. */
export function duration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0);
  if (parts.map(([part]) => part).join('') !== text || !(total > 0)) throw new InvalidArgumentError('Expected a time such as 45s, 90m, 8h, 1h30m or 2d.');
  return total;
}

const givenOptions = (command: Command): ReadonlySet<string> =>
  new Set(Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli'));

function addMethod(command: Command): Command {
  return command
    .addOption(new Option('--preset <name>', 'way of training').choices(presetNames).default('paper'))
    .addOption(new Option('--config <name>', "a row of the paper's tables").choices(paperConfigNames).conflicts('preset'))
    .addOption(new Option('--cfg <size>', "size of the networks and what goes with it: small, for CPUs (default), or StyleGAN2-ADA's").choices(sizeNames))
    .option('--resolution <pixels>', "side of the images, a power of two (default: the size's; 32)", powerOfTwo(1024))
    .option('--batch <n>', "images a step (default: the size's; small: 16)", whole(1, 4096))
    .option('--batch-gpu <n>', 'images computed at a time by each worker, in less memory and with the same result (default: all)', whole(1, 4096))
    .option('--workers <n>', 'threads that share each batch, each with a backend of its own (wasm or cpu)', whole(1, 64), 1)
    .option('--latent-dim <n>', "size of z and w (default: the size's; small: 64)", whole(1, 4096))
    .option('--channel-base <n>', "channels at resolution r are this / r (default: the size's; small: 32 x resolution)", whole(8))
    .option('--channel-max <n>', "and at most this (default: the size's; small: 64)", whole(1, 4096))
    .option('--lr <rate>', "learning rate of both networks (default: the size's; small: 0.0025)", numberIn(0, 1))
    .option('--gamma <g>', gammaHelp, numberIn(0, 1e6))
    .option('--ema-kimg <k>', "half-life of the averaged generator (default: the size's; small, auto: batch x 10 / 32)", numberIn(0, 1e6))
    .option('--ema-rampup <share>', "at most this share of the images shown so far; 0 = no ramp-up (default: the size's; small, auto: 0.05)", numberIn(0, 1e6))
    .option('--style-mixing <probability>', "of two latents in one image (StyleGAN2: 0.9; default: 0, as in the paper's runs)", numberIn(0, 1))
    .option('--path-length <weight>', "of path length regularization (StyleGAN2: 2; default: 0, as in the paper's runs)", numberIn(0, 1e6))
    .option('--align-weight <w>', 'weight of L_align', numberIn(0, 1e6), 1)
    .option('--center-deviation <sides>', 'spread of the level-0 centers (default: 1/3 paper, 0.165 reference)', numberIn(0.001, 10))
    .addOption(new Option('--aug <mode>', 'transform what D sees: never, adaptively, or with --p').choices(['noaug', 'ada', 'fixed']).default('noaug'))
    .addOption(new Option('--augpipe <name>', "ADA's pipeline").choices(Object.keys(augmentPresets)).default('bgc'))
    .option('--p <probability>', 'of the transforms: fixed, or where ada starts (0)', numberIn(0, 1))
    .option('--target <sign>', 'mean sign of D on real images that ada aims at', numberIn(-1, 1), 0.6)
    .option('--init <path>', "start from the networks of another run, or of a model file (exported, or converted from PyTorch), as far as they fit")
    .option('--freezed <n>', "layers of D, from the image on, that are not trained (Freeze-D; 10 to 13 at 256 and up; default: 0)", whole(0, 100));
}

function addSchedule(command: Command): Command {
  return command
    .option('--kimg <k>', "thousands of images to train for, in all (default: the size's; small: 100)", numberIn(0, 1e6))
    .option('--max-time <time>', 'stop after this long, e.g. 90m or 8h, with a checkpoint', duration)
    .option('--tick <kimg>', 'between progress lines', numberIn(0.001, 1e6), 1)
    .option('--snap <kimg>', 'between sheets of samples', numberIn(0.001, 1e6), 10)
    .option('--checkpoint <kimg>', 'between checkpoints', numberIn(0.001, 1e6), 10)
    .option('--keep <n>', 'checkpoints that are kept (default: 3)', whole(1))
    .option('--metrics <list>', `measure while training, with the small extractor: some of ${metricNames.join(',')}; keeps the checkpoint that is best by the first`, parseMetrics)
    .option('--metrics-num <n>', 'generated images of a measurement', whole(1), 1000)
    .option('--metrics-every <kimg>', 'between measurements (default: with the sheets of samples)', numberIn(0.001, 1e6))
    .option('--tensorboard', 'also write an event file for TensorBoard')
    .addOption(new Option('--on-divergence <policy>', "a step that is not finite: skip it (default), stop, rollback 100 steps, or zero its gradients, as StyleGAN2 does, without a word").choices(divergencePolicies));
}

/** Defines `spatialgan train`. */
export function addTrain(program: Command, { run, output, argv }: Frame): void {
  const command = program
    .command('train')
    .description('train a spatially steerable GAN on a folder or zip of images')
    .option('--data <source>', "folder, zip (StyleGAN2-ADA's too), 'avatars' or 'rooms'")
    .option('--data-licence <text>', "the images' licence, to be named in the run and in the models it gives")
    .option('--cond', 'condition both networks on the labels of dataset.json')
    .option('--mirror', 'flip a random half of the images', false)
    .option('--overfit <n>', 'only the first n images, to see that the networks can learn them', whole(1))
    .addOption(new Option('--on-bad <what>', 'files that do not decode').choices(['skip', 'refuse']).default('skip'))
    .option('--outdir <dir>', 'where runs are kept', 'runs')
    .option('--seed <n>', 'decides the whole run', whole(0), 0)
    .addOption(backendOption())
    .option('--resume <run>', 'go on with a run: with its own configuration, up to its --kimg unless you give another')
    .option('--force', 'with --resume: go on even though the configuration changed')
    .option('--dry-run', 'say what would be trained, and stop');
  addSchedule(addMethod(command))
    .addHelpText('after', examples(
      'train --data photos/ --resolution 64 --kimg 500',
      'train --data avatars --resolution 32 --gamma 0.5',
      'train --data cats.zip --cfg auto --resolution 256 --mirror --aug ada',
      'train --data birds.zip --resolution 64 --cond --dry-run',
      'train --data dogs/ --init cats.safetensors --cfg paper256 --freezed 10',
      'train --resume runs/00000-photos-paper64-batch16 --max-time 8h',
    ))
    .action((options: TrainOptions, command: Command) => run(() => train(options, { command: argv, given: givenOptions(command) }, output)));
}
