import { Command, Option } from 'commander';
import { convert, type ConvertOptions } from './commands/convert.js';
import { addDataset } from './commands/dataset.js';
import { doctor, type DoctorOptions } from './commands/doctor.js';
import { addEdit } from './commands/edit.js';
import { exportModel, type ExportOptions } from './commands/exportModel.js';
import { addFigures } from './commands/figures.js';
import { addMetrics } from './commands/metrics.js';
import { addReport } from './commands/report.js';
import { sample, type SampleOptions } from './commands/sample.js';
import { addTrain } from './commands/trainCommand.js';
import { backendOption, examples, type Frame, modelHelp, numberIn, whole } from './commandFrame.js';
import { exitCodes } from './exitCodes.js';
import { ownVersion } from './ownVersion.js';
import type { Output } from './output.js';

function addSample(program: Command, { run, output }: Frame): void {
  program
    .command('sample')
    .description('write a grid of images of a model')
    .option('--model <path>', modelHelp)
    .option('--seeds <list>', 'latents, e.g. 0-15,20', '0-15')
    .option('--truncation <psi>', '1 = off, 0 = the mean image', numberIn(-2, 2), 0.7)
    .option('--layout <file>', 'one layout (JSON) for all images; default: each seed draws its own')
    .option('--layout-seed <n>', 'the layout that this seed draws, for all images', whole(0))
    .option('--class <n>', 'label of a conditional model (default: 0)', whole(0))
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
  const program = new Command('spatialgan')
    .description('Spatially steerable GANs: train them, sample them, drag what they learned.')
    .version(ownVersion())
    .exitOverride()
    .showHelpAfterError('(add --help for all options)')
    .addHelpText('after', `${examples('train --data photos/ --kimg 500', 'edit')}\n\n${exitCodes}`);
  const frame: Frame = { output, argv, run: async (task) => finish(await task()) };
  addTrain(program, frame);
  addDataset(program, frame);
  addSample(program, frame);
  addEdit(program, frame);
  addOthers(program, frame);
  addConvert(program, frame);
  addMetrics(program, frame);
  addFigures(program, frame);
  addReport(program, frame);
  return program;
}
