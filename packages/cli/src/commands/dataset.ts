import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SpatialGANError } from '@spatialgan/core';
import {
  avatarRecords, type DatasetFilter, type DatasetRecords, type DatasetTransform, datasetTransforms, type LabelSource, type MadeDataset, makeDataset, type MakeProgress,
  openRecords, roomRecords,
} from '@spatialgan/data/node';
import { durationText } from '@spatialgan/trainer';
import { examples, type Frame, whole } from '../commandFrame.js';
import type { Output } from '../output.js';
import { progressPace } from '../progressPace.js';
import { untilSignal } from '../untilSignal.js';

/** Options of `spatialgan dataset`, as commander gives them. */
export interface DatasetOptions {
  readonly source: string;
  readonly dest: string;
  readonly resolution: { readonly width: number; readonly height: number | undefined };
  readonly transform: DatasetTransform;
  readonly filter: DatasetFilter;
  readonly labels: LabelSource;
  readonly maxImages?: number;
  readonly num?: number;
  readonly seed?: number;
  readonly masks: boolean;
  readonly onBad: 'skip' | 'refuse';
  readonly force: boolean;
}

const procedural = ['rooms', 'avatars'];
const isProcedural = (source: string): boolean => procedural.includes(source);

function parseResolution(text: string): DatasetOptions['resolution'] {
  const [, width, height] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  const inRange = (side: number): boolean => side >= 8 && side <= 8192;
  if (width === undefined || !inRange(Number(width)) || (height !== undefined && !inRange(Number(height)))) {
    throw new InvalidArgumentError('Expected pixels from 8 to 8192, such as 256, or 512x384 with center-crop-wide.');
  }
  return { width: Number(width), height: height === undefined ? undefined : Number(height) };
}

const refuse = (message: string): never => {
  throw new SpatialGANError('CONFIG', message);
};

/** What does not go together is refused, not ignored. */
function checkOptions({ source, dest, resolution: { width, height }, transform, masks, num, seed, maxImages, labels }: DatasetOptions): void {
  if (!/\.zip$/i.test(dest)) refuse(`--dest: expected the name of a zip, NAME.zip, got '${dest}'`);
  if (height !== undefined && transform !== 'center-crop-wide' && height !== width) refuse(`--resolution: expected one side, since images are square, got ${width}x${height}; only center-crop-wide takes two`);
  if (height !== undefined && height > width) refuse(`--resolution: expected a picture wider than high for center-crop-wide, got ${width}x${height}`);
  if (!isProcedural(source)) {
    if (masks) refuse(`--masks: expected --source rooms or avatars with it, whose masks are known, got ${source}`);
    if (num !== undefined || seed !== undefined) refuse(`--${num === undefined ? 'seed' : 'num'}: expected --source rooms or avatars with it, got ${source}; --max-images takes the first images of a source`);
    return;
  }
  if (maxImages !== undefined) refuse(`--max-images: expected files with it, got --source ${source}; --num says how many are drawn`);
  if (labels === 'folders') refuse(`--labels folders: expected folders with it, got --source ${source}, which has no classes`);
}

async function openSource(options: DatasetOptions, output: Output, signal: AbortSignal): Promise<DatasetRecords> {
  const { source, resolution: { width, height }, transform, filter, labels, maxImages, num, seed, masks } = options;
  const drawn = { resolution: width, ...(num === undefined ? {} : { count: num }), ...(seed === undefined ? {} : { seed }) };
  if (source === 'rooms') return roomRecords({ ...drawn, masks });
  if (source === 'avatars') {
    const onProgress = ({ done, total }: { done: number; total: number }): void => void ((done === total || done % 1024 === 0) && output.info(`drawing: ${done} of ${total}`));
    return avatarRecords({ ...drawn, masks, signal, onProgress });
  }
  return openRecords(source, {
    resolution: width, transform, filter, labels, signal,
    ...(height === undefined ? {} : { height }),
    ...(maxImages === undefined ? {} : { maxImages }),
  });
}

/** A line every few seconds: how many, how fast, how long still. */
function progressLines(write: (line: string) => void): (progress: MakeProgress) => void {
  const due = progressPace();
  let before: { readonly at: number; readonly done: number } | undefined;
  return ({ done, total, bad, etaMs }) => {
    const at = performance.now();
    before ??= { at, done };
    if (!due()) return;
    const rate = ((done - before.done) / (at - before.at)) * 1000;
    before = { at, done };
    const left = etaMs === null ? '' : `, ${durationText(etaMs / 1000)} left`;
    write(`${done} of ${total} images${bad > 0 ? ` (${bad} left out)` : ''}, ${rate.toPrecision(3)} img/s${left}`);
  };
}

function report({ images, bad, resumed, masks }: MadeDataset, { dest }: DatasetOptions, output: Output): void {
  for (const { file, reason } of bad) output.warn(`left out ${file}: ${reason}`);
  const megabytes = (statSync(dest).size / 1e6).toPrecision(3);
  output.info(`${dest}: ${images} images, ${megabytes} MB${bad.length > 0 ? `, ${bad.length} left out` : ''}${resumed > 0 ? `; went on after ${resumed}` : ''}`);
  if (masks !== undefined) output.info(`${masks}: their instance masks`);
}

/** Packs images as a data set; stopped or killed, the same command goes on. */
export async function dataset(options: DatasetOptions, output: Output): Promise<number> {
  checkOptions(options);
  const { dest, onBad, force } = options;
  const { code, value } = await untilSignal(async (signal) =>
    makeDataset(await openSource(options, output, signal), { dest, onBad, force, signal, onProgress: progressLines(output.info) }));
  if (value) report(value, options, output);
  else output.info(`stopped; the same command goes on (what is made so far is in ${dest}.partial)`);
  return code;
}

/** Defines `spatialgan dataset`. */
export function addDataset(program: Command, { run, output }: Frame): void {
  program
    .command('dataset')
    .description("pack images as a zip for training, of StyleGAN2-ADA's layout; stopped or killed, the same command goes on")
    .requiredOption('--source <what>', "folder or zip of images, LSUN's LMDB, 'rooms' or 'avatars'")
    .requiredOption('--dest <zip>', 'the zip to write')
    .requiredOption('--resolution <pixels>', 'side of the images, a power of two to train on; center-crop-wide: also WxH', parseResolution)
    .addOption(new Option('--transform <name>', 'how images become square').choices(datasetTransforms).default('center-crop'))
    .addOption(new Option('--filter <name>', "how they are resized: Pillow's").choices(['box', 'lanczos']).default('lanczos'))
    .addOption(new Option('--labels <from>', "the source's dataset.json, where it has one; its folders, each a class; or none").choices(['json', 'folders', 'none']).default('json'))
    .option('--max-images <n>', 'only the first n, in the order of their names', whole(1))
    .option('--num <n>', 'rooms, avatars: how many are drawn (default: 20000)', whole(1, 1e7))
    .option('--seed <n>', 'rooms, avatars: decides every image (default: 0)', whole(0))
    .option('--masks', 'rooms, avatars: write what each pixel shows to NAME-masks.zip, too', false)
    .addOption(new Option('--on-bad <what>', 'images that cannot be used').choices(['skip', 'refuse']).default('skip'))
    .option('--force', 'replace --dest, or unfinished work with other options', false)
    .addHelpText('after', examples(
      'dataset --source photos/ --dest photos256.zip --resolution 256',
      'dataset --source animals/ --dest animals.zip --resolution 64 --labels folders',
      'dataset --source bedroom_train_lmdb/ --dest bedrooms.zip --resolution 128 --max-images 200000',
      'dataset --source rooms --num 5000 --masks --dest rooms64.zip --resolution 64',
    ))
    .action((options: DatasetOptions) => run(() => dataset(options, output)));
}
