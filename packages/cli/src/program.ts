import { createRequire } from 'node:module';
import { augmentPresets } from '@spatialgan/data/augment';
import { paperConfigNames, presetNames } from '@spatialgan/model';
import { Command, Option } from 'commander';
import { convert, type ConvertOptions } from './commands/convert.js';
import { doctor, type DoctorOptions } from './commands/doctor.js';
import { addEdit } from './commands/edit.js';
import { exportModel, type ExportOptions } from './commands/exportModel.js';
import { sample, type SampleOptions } from './commands/sample.js';
import { train } from './commands/train.js';
import { backendOption, examples, type Frame, modelHelp, numberIn, whole } from './commandFrame.js';
import { exitCodes } from './exitCodes.js';
import type { Output } from './output.js';
import type { TrainOptions } from './trainOptions.js';

const gammaHelp =
  "weight of R1; default: 0.0002 x resolution^2 / batch, StyleGAN2-ADA's rule of thumb for any size of image. " +
  'Below 64 pixels it is low: raise it (0.5 to 2 at 32) when D wins, i.e. images stop changing or repeat';

const givenOptions = (command: Command): ReadonlySet<string> =>
  new Set(Object.keys(command.opts()).filter((name) => command.getOptionValueSource(name) === 'cli'));

function addTrain(program: Command, { run, output, argv }: Frame): void {
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

function addSample(program: Command, { run, output }: Frame): void {
  program
    .command('sample')
    .description('write a grid of images of a model')
    .option('--model <path>', modelHelp)
    .option('--seeds <list>', 'latents, e.g. 0-15,20', '0-15')
    .option('--truncation <psi>', '1 = off, 0 = the mean image', numberIn(-2, 2), 0.7)
    .option('--layout <file>', 'one layout (JSON) for all images; default: each seed draws its own')
    .option('--layout-seed <n>', 'the layout that this seed draws, for all images', whole(0))
    .option('--scale <n>', 'enlarge each image by a whole factor', whole(1, 64), 4)
    .option('--out <png>', 'where to write', 'samples.png')
    .addOption(backendOption())
    .addHelpText('after', examples('sample --model runs/00000-photos-paper64-batch16 --seeds 0-24 --out grid.png'))
    .action((options: SampleOptions) => run(() => sample(options, output)));
}

function addOthers(program: Command, { run, output }: Frame): void {
  program
    .command('export')
    .description("pack a run's averaged generator into one file, for the editor or as ONNX")
    .requiredOption('--model <path>', "a run's folder or a model file")
    .requiredOption('--out <file>', 'where to write: NAME.safetensors, or NAME.onnx')
    .option('--no-discriminator', 'leave the discriminator (attention maps) out; ONNX never has it')
    .addOption(new Option('--part <name>', 'ONNX: which part').choices(['whole', 'mapping', 'synthesis']).default('whole'))
    .addOption(new Option('--inputs <kind>', 'ONNX: what says where things are').choices(['regions', 'heatmaps']).default('regions'))
    .addHelpText('after', examples('export --model runs/00000-photos-paper64-batch16 --out faces.safetensors', 'export --model faces.safetensors --out faces.onnx'))
    .action((options: ExportOptions) => run(() => exportModel(options, output)));
  program
    .command('doctor')
    .description('say what runs here and what is missing')
    .addOption(new Option('--probe').hideHelp())
    .addHelpText('after', examples('doctor'))
    .action((options: DoctorOptions) => run(() => doctor(options, output)));
}

function addConvert(program: Command, { run, output }: Frame): void {
  program
    .command('convert')
    .description('turn a checkpoint of PyTorch (stylegan2-ada-pytorch, stylegan3, eqgan-sa, rosinality) into a model file; runs nothing of it')
    .argument('<file>', 'network.pkl, or a .pt / .pth of rosinality')
    .argument('<out>', 'where to write: NAME.safetensors')
    .option('--network <name>', "the file's name of the generator to take (default: the averaged one, G_ema or g_ema)")
    .option('--no-discriminator', 'leave the discriminator (attention maps) out')
    .addOption(new Option('--dtype <type>', 'how weights are stored; read back as float32').choices(['F32', 'F16', 'BF16']).default('F32'))
    .addHelpText('after', examples('convert network-snapshot-025000.pkl cats.safetensors', 'convert 550000.pt faces.safetensors --dtype F16 --no-discriminator'))
    .action((file: string, out: string, options: ConvertOptions) => run(() => convert(file, out, options, output)));
}

/** The command line of `spatialgan`; `finish` is told each command's exit code, wrong options are thrown as CommanderError. */
export function createProgram(output: Output, finish: (code: number) => void, argv: readonly string[] = []): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('spatialgan')
    .description('Spatially steerable GANs: train them, sample them, drag what they learned.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(add --help for all options)')
    .addHelpText('after', `${examples('train --data photos/ --kimg 500', 'edit')}\n\n${exitCodes}`);
  const frame: Frame = { output, argv, run: async (task) => finish(await task()) };
  addTrain(program, frame);
  addSample(program, frame);
  addEdit(program, frame);
  addOthers(program, frame);
  addConvert(program, frame);
  return program;
}
