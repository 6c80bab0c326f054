import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { writeFileAtomic } from '@spatialgan/checkpoint/node';
import { type Disposable, SpatialGANError } from '@spatialgan/core';
import { encodePng } from '@spatialgan/data/node';
import { coMoveSheet, type CoMoveTrial, type FeatureExtractor, type MetricResult } from '@spatialgan/metrics';
import { fileFeatureCache } from '@spatialgan/metrics/node';
import { backendOption, examples, type Frame, modelHelp, numberIn, whole } from '../commandFrame.js';
import { evaluateModel, metricNames, type MetricName } from '../metrics/evaluateModel.js';
import { metricProgress } from '../metrics/metricProgress.js';
import { defaultCache, metricRecord } from '../metrics/metricRecord.js';
import { metricTable } from '../metrics/metricTable.js';
import { assertHasClasses, openExtractor, type ResizeName, resizeNames } from '../metrics/openExtractor.js';
import { openSegmenter } from '../metrics/openSegmenter.js';
import { openSubject, openSubjectData, type Subject } from '../metrics/openSubject.js';
import { parseMetrics } from '../metrics/parseMetrics.js';
import { openBackend } from '../openBackend.js';
import type { Output } from '../output.js';
import { untilSignal } from '../untilSignal.js';

/** Options of `spatialgan metrics`, as commander gives them. */
export interface MetricsOptions {
  readonly model?: string;
  readonly data?: string;
  readonly metrics: readonly MetricName[];
  readonly num: number;
  readonly numReal?: number;
  readonly seed: number;
  readonly truncation: number;
  readonly extractor: string;
  readonly resize?: ResizeName;
  readonly segmenter: string;
  /** A folder, or false for none. */
  readonly cache: string | boolean;
  readonly batch: number;
  readonly out?: string;
  /** A file, or false for none. */
  readonly examples?: string | false;
  readonly json: boolean;
  readonly backend: string;
}

const needsData = (metrics: readonly MetricName[]): boolean => metrics.some((name) => ['fid', 'kid', 'pr'].includes(name));
const needsExtractor = (metrics: readonly MetricName[]): boolean => metrics.some((name) => ['fid', 'kid', 'pr', 'is', 'ppl'].includes(name));

async function report(options: MetricsOptions, { stored, run }: Subject, { data, results }: { data: string | null; results: readonly MetricResult[] }, output: Output): Promise<void> {
  const record = metricRecord(stored, data, results);
  const text = JSON.stringify(record, null, 2);
  const { lines, warnings } = metricTable(results);
  if (options.json) output.info(text);
  else lines.forEach((line) => output.info(line));
  warnings.forEach(output.warn);
  if (options.out !== undefined) await writeFileAtomic(options.out, `${text}\n`);
  if (run !== undefined) await appendFile(join(run, 'metrics.jsonl'), `${JSON.stringify(record)}\n`);
}

/** Writes a picture of moves: beside the run's other files, or where it is asked for. */
async function writeExamples(trials: readonly CoMoveTrial[], { examples }: MetricsOptions, run: string | undefined): Promise<string> {
  const path = examples || (run === undefined ? 'comove.png' : join(run, 'comove.png'));
  const { data, width, height } = coMoveSheet(trials);
  await writeFileAtomic(path, await encodePng({ pixels: Uint8Array.from(data), width, height }));
  return path;
}

/** Evaluates a model; a table for people, JSON for programs, and a line in the run's metrics.jsonl. */
export async function metrics(options: MetricsOptions, output: Output): Promise<number> {
  const subject = await openSubject(options.model, output);
  const { stored } = subject;
  const source = options.data ?? subject.data;
  if (needsData(options.metrics) && source === undefined) {
    throw new SpatialGANError('CONFIG', `metrics: expected --data FOLDER, ZIP or the name of a bundled set, which ${options.metrics.join(',')} compare with; a model file does not say where its images are`);
  }
  const say = options.json ? (): void => {} : output.info;
  const backend = await openBackend(options.backend);
  say(`backend ${backend.backend}: ${backend.reason}`);
  const closers: (() => void)[] = [() => backend.dispose()];
  const keep = <T extends Partial<Disposable>>(thing: T): T => (closers.unshift(() => thing.dispose?.()), thing);
  try {
    const extractor: FeatureExtractor | undefined = needsExtractor(options.metrics) ? keep(await openExtractor(options.extractor, options.resize)) : undefined;
    if (extractor) assertHasClasses(extractor, options.metrics);
    const opened = needsData(options.metrics) ? await openSubjectData(source!, stored, { ...output, info: say }) : undefined;
    if (opened) keep(opened.dataset);
    const segmenter = options.metrics.includes('comove') ? await openSegmenter(options.segmenter, source) : undefined;
    let moves: readonly CoMoveTrial[] = [];
    const { code, value: results } = await untilSignal((signal) => evaluateModel({
      stored, metrics: options.metrics, num: options.num, seed: options.seed, truncationPsi: options.truncation, batch: options.batch, signal,
      onProgress: metricProgress(say),
      onMoves: (trials) => void (moves = trials),
      ...(opened ? { dataset: opened.dataset } : {}),
      ...(options.numReal === undefined ? {} : { numReal: options.numReal }),
      ...(extractor ? { extractor } : {}),
      ...(segmenter ? { segmenter } : {}),
      ...(options.cache === false ? {} : { cache: fileFeatureCache(options.cache === true ? defaultCache() : options.cache as string) }),
    }));
    if (results) await report(options, subject, { data: opened?.facts.name ?? null, results }, output);
    if (results && moves.length > 0 && options.examples !== false) say(`${await writeExamples(moves, options, subject.run)}: ${moves.length} of the moves`);
    return code;
  } finally {
    closers.forEach((close) => close());
  }
}

/** Defines `spatialgan metrics`. */
export function addMetrics(program: Command, { run, output }: Frame): void {
  program
    .command('metrics')
    .description('measure a model: FID, KID, precision and recall, Inception score, PPL, Co-move ratio, attention')
    .option('--model <path>', modelHelp)
    .option('--data <source>', "folder, zip or the name of a bundled set (default: the run's own images)")
    .option('--metrics <list>', `some of ${metricNames.join(',')}, or all`, parseMetrics, ['fid', 'kid'] as const)
    .option('--num <n>', 'generated images, or paths of ppl; published figures take 50000', whole(1), 10000)
    .option('--num-real <n>', 'real images (default: all)', whole(1))
    .option('--seed <n>', 'draws images, subsets, paths and moves', whole(0), 0)
    .option('--truncation <psi>', '1 = off, as in published figures; ppl never truncates', numberIn(-2, 2), 1)
    .option('--extractor <file>', "Inception's state dict (.pth, .safetensors), which published figures are of, or 'small', the one that comes along", 'small')
    .addOption(new Option('--resize <filter>', "how images come to the extractor's size (default: its own)").choices(resizeNames))
    .option('--segmenter <name>', "what finds objects for comove: 'auto', 'foreground', 'rooms' or a JavaScript module that exports one", 'auto')
    .option('--cache <dir>', "where features of data sets are kept (default: the user's cache folder)", true)
    .option('--no-cache', 'keep none')
    .option('--batch <n>', 'images at a time; changes speed and memory only', whole(1, 4096), 32)
    .option('--out <file>', 'write the results as JSON, too')
    .option('--examples <file>', "where comove's picture of moves goes (default: comove.png, in the run's folder where there is one)")
    .option('--no-examples', 'draw none')
    .option('--json', 'print JSON instead of a table', false)
    .addOption(backendOption())
    .addHelpText('after', examples(
      'metrics --num 2000',
      'metrics --model runs/00003 --metrics fid,kid,pr,comove --num 50000 --out metrics.json',
      'metrics --model faces.safetensors --data photos/ --extractor pt_inception-2015-12-05-6726825d.pth --metrics fid,is',
    ))
    .action((options: MetricsOptions) => run(() => metrics(options, output)));
}
