import { augmentPresets } from '@spatialgan/data/augment';
import { paperConfigNames, presetNames } from '@spatialgan/model';
import { type Command, Option } from 'commander';
import { backendOption, examples, type Frame, numberIn, whole } from '../commandFrame.js';
import type { TrainOptions } from '../trainOptions.js';
import { train } from './train.js';

const gammaHelp =
  "weight of R1; default: 0.0002 x resolution^2 / batch, StyleGAN2-ADA's rule of thumb for any size of image. " +
  'Below 64 pixels it is low: raise it (0.5 to 2 at 32) when D wins, i.e. images stop changing or repeat';

const givenOptions = (command: Command): ReadonlySet<string> =>
  new Set(Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli'));

/** Defines `spatialgan train`. */
export function addTrain(program: Command, { run, output, argv }: Frame): void {
  program
    .command('train')
    .description('train a spatially steerable GAN on a folder or zip of images')
    .option('--data <source>', "folder, zip (StyleGAN2-ADA's too) or 'avatars'")
    .option('--data-licence <text>', "the images' licence, to be named in the run and in the models it gives")
    .option('--outdir <dir>', 'where runs are kept', 'runs')
    .option('--resolution <pixels>', 'side of the images, a power of two', whole(8, 1024), 32)
    .addOption(new Option('--preset <name>', 'way of training').choices(presetNames).default('paper'))
    .addOption(new Option('--config <name>', "a row of the paper's tables").choices(paperConfigNames).conflicts('preset'))
    .option('--batch <n>', 'images a step', whole(1, 4096), 16)
    .option('--kimg <k>', 'thousands of images to train for, in all', numberIn(0, 1e6), 100)
    .option('--seed <n>', 'decides the whole run', whole(0), 0)
    .addOption(backendOption())
    .option('--resume <run>', 'go on with a run: with its own configuration, up to its --kimg unless you give another')
    .addOption(new Option('--on-bad <what>', 'files that do not decode').choices(['skip', 'refuse']).default('skip'))
    .option('--mirror', 'flip a random half of the images', false)
    .option('--latent-dim <n>', 'size of z and w', whole(1, 4096), 64)
    .option('--channel-base <n>', 'channels at resolution r are this / r (default: 32 x resolution)', whole(8))
    .option('--channel-max <n>', 'and at most this', whole(1, 4096), 64)
    .option('--lr <rate>', 'learning rate of both networks', numberIn(0, 1), 0.0025)
    .option('--gamma <g>', gammaHelp, numberIn(0, 1e6))
    .addOption(new Option('--aug <mode>', 'transform what D sees: never, adaptively, or with --p').choices(['noaug', 'ada', 'fixed']).default('noaug'))
    .addOption(new Option('--augpipe <name>', "ADA's pipeline").choices(Object.keys(augmentPresets)).default('bgc'))
    .option('--p <probability>', 'of the transforms: fixed, or where ada starts (0)', numberIn(0, 1))
    .option('--target <sign>', 'mean sign of D on real images that ada aims at', numberIn(-1, 1), 0.6)
    .option('--align-weight <w>', 'weight of L_align', numberIn(0, 1e6), 1)
    .option('--center-deviation <sides>', 'spread of the level-0 centers (default: 1/3 paper, 0.165 reference)', numberIn(0.001, 10))
    .option('--init <run>', 'start from the networks of another run of the same size')
    .option('--tick <kimg>', 'between progress lines', numberIn(0.001, 1e6), 1)
    .option('--snap <kimg>', 'between sheets of samples', numberIn(0.001, 1e6), 10)
    .option('--checkpoint <kimg>', 'between checkpoints', numberIn(0.001, 1e6), 10)
    .addHelpText('after', examples(
      'train --data photos/ --resolution 64 --kimg 500',
      'train --data avatars --resolution 32 --gamma 0.5',
      'train --resume runs/00000-photos-paper64-batch16',
    ))
    .action((options: TrainOptions, command: Command) => run(() => train(options, { command: argv, given: givenOptions(command) }, output)));
}
