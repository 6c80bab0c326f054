import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disposable, readParams, SpatialGANError, type TrainerContext, type TrainerPlugin } from '@spatialgan/core';
import type { ImageDataset } from '@spatialgan/data';
import { type FeatureExtractor, type MetricResult } from '@spatialgan/metrics';
import { fileFeatureCache } from '@spatialgan/metrics/node';
import type { StoredModel } from '@spatialgan/model';
import { evaluateEvery } from '@spatialgan/trainer';
import type { Output } from '../output.js';
import type { MetricsSchedule, RunFile } from '../runFile.js';
import type { RunFolder } from '../runFolder.js';
import { evaluateModel, type MetricName } from './evaluateModel.js';
import { defaultCache, metricRecord } from './metricRecord.js';
import { metricTitle, shortNumber } from './metricTable.js';
import { openExtractor } from './openExtractor.js';
import { openSegmenter, segmenterName } from './openSegmenter.js';

/** Which results a name gives; the first one stands for it where one number is wanted. */
const resultsOf: Readonly<Record<MetricName, string>> = {
  fid: 'fid', kid: 'kid', pr: 'precision', is: 'inceptionScore', ppl: 'ppl', comove: 'coMoveRatio', attention: 'attentionConsistency',
};
const lowerIsBetter = (name: MetricName): boolean => ['fid', 'kid', 'ppl'].includes(name);

/** @throws SpatialGANError 'CONFIG' for metrics that this run cannot have, before it is made. */
export function assertMeasurable({ schedule: { metrics }, run: { model }, data }: RunFile): void {
  if (!metrics) return;
  const refuse = (problem: string): never => {
    throw new SpatialGANError('CONFIG', `--metrics: ${problem}; leave that out, and measure the run afterwards with 'spatialgan metrics'`);
  };
  if (metrics.names.includes('is')) refuse('is needs an extractor with classes, the small one has none');
  if ((model.generator.cDim ?? 0) > 0) refuse('expected a model without labels');
  if (!model.encoder && metrics.names.some((name) => name === 'comove' || name === 'attention')) refuse('comove and attention need a model that a layout steers');
  if (metrics.names.includes('comove')) segmenterName('auto', data.source);
}

/** A plugin that measures the averaged generator now and then, and what it holds. */
export interface TrainingMetrics extends Disposable {
  readonly plugin: TrainerPlugin;
}

/**
 * Measures the averaged generator every so often with the small extractor: a line in metrics.jsonl, one for the terminal, and
 * the best checkpoint by the first metric is kept.
 */
export async function trainingMetrics(run: RunFolder, { names, num, kimg: every }: MetricsSchedule, dataset: ImageDataset, output: Output): Promise<TrainingMetrics> {
  const extractor: FeatureExtractor & Disposable = await openExtractor('small', undefined);
  const { run: { model: config }, data, seed } = run.config;
  const segmenter = names.includes('comove') ? { segmenter: await openSegmenter('auto', data.source) } : {};
  const evaluate = async ({ params, kimg, step }: TrainerContext): Promise<readonly MetricResult[]> => {
    const [G, D] = await Promise.all([readParams(params.gEma), readParams(params.D)]);
    const stored: StoredModel = { config, G, D, provenance: { kimg } };
    const results = await evaluateModel({ stored, dataset, extractor, metrics: names, num, seed, cache: fileFeatureCache(defaultCache()), batch: 32, ...segmenter });
    await appendFile(join(run.dir, 'metrics.jsonl'), `${JSON.stringify({ step, ...metricRecord(stored, run.config.dataset?.name ?? null, results) })}\n`);
    output.info(`metrics at kimg ${kimg.toFixed(3)}: ${results.map((result) => `${metricTitle(result)} ${shortNumber(result.value)}`).join(', ')}`);
    return results;
  };
  // All names of a step are measured at once.
  let latest: { readonly step: number; readonly results: Promise<readonly MetricResult[]> } | undefined;
  const valueOf = (name: MetricName) => async (context: TrainerContext): Promise<number> => {
    if (latest?.step !== context.step) latest = { step: context.step, results: evaluate(context) };
    return (await latest.results).find(({ metric }) => metric === resultsOf[name])!.value;
  };
  const [first] = names as readonly [MetricName, ...MetricName[]];
  const plugin = evaluateEvery({
    kimg: every, metrics: Object.fromEntries(names.map((name) => [name, valueOf(name)])),
    best: { metric: first, better: lowerIsBetter(first) ? 'lower' : 'higher' },
    saveBest: (snapshot, { metric, value }) => run.save(snapshot, { metric, value }),
  });
  return { plugin, dispose: () => extractor.dispose() };
}
