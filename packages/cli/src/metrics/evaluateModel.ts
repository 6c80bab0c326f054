import { image, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, disposeParams, SpatialGANError } from '@spatialgan/core';
import type { ImageDataset } from '@spatialgan/data';
import { extractAttention } from '@spatialgan/gradcam';
import {
  type AttentionPair, type CoMoveTrial, datasetImages, drawGenerated, evaluateAttention, evaluateCoMove, evaluateMetrics, evaluatePathLength, type FeatureCache, type FeatureExtractor, type FeatureMetric,
  generatorImages, generatorPaths, type MetricResult, regionMoves, type RunOptions, type Segmenter,
} from '@spatialgan/metrics';
import { type BuiltModel, buildModel, createLocalRuntime, extractorOf, loadParams, type StoredModel } from '@spatialgan/model';
import { resizeBilinear } from '@spatialgan/ops';
import type { HeatmapLayout } from '@spatialgan/schema';
import { tappedScore } from '@spatialgan/trainer';

/** What `--metrics` may name. */
export const metricNames = ['fid', 'kid', 'pr', 'is', 'ppl', 'comove', 'attention'] as const;
export type MetricName = (typeof metricNames)[number];

const featureMetrics: Readonly<Partial<Record<MetricName, FeatureMetric>>> = { fid: 'fid', kid: 'kid', pr: 'precisionRecall', is: 'inceptionScore' };

export interface EvaluateModelOptions extends RunOptions {
  readonly stored: StoredModel;
  /** Needed by fid, kid and pr; at the model's resolution. */
  readonly dataset?: ImageDataset;
  /** Needed by all but comove and attention. */
  readonly extractor?: FeatureExtractor;
  /** Needed by comove. */
  readonly segmenter?: Segmenter;
  readonly metrics: readonly MetricName[];
  /** Generated images, and paths of ppl; moves and attention take at most 1000 of them. */
  readonly num: number;
  /** Real images; default all. */
  readonly numReal?: number;
  readonly seed: number;
  /** Not for ppl, which is of the whole of w. */
  readonly truncationPsi?: number;
  readonly cache?: FeatureCache;
  readonly batch?: number;
  /** Takes the first moves of comove, for a picture. */
  readonly onMoves?: (trials: readonly CoMoveTrial[]) => void;
}

/** Moves and attention maps beyond this many change their intervals little and cost as much as an image each, or two. */
const mostMoves = 1000;

interface Loaded {
  readonly model: BuiltModel;
  readonly params: { readonly G: ReturnType<typeof loadParams>; readonly D?: ReturnType<typeof loadParams> };
  readonly options: EvaluateModelOptions;
}

/** @throws SpatialGANError 'CONFIG' for what a metric lacks, before anything slow begins. */
function check({ stored, metrics, dataset, extractor, segmenter }: EvaluateModelOptions): void {
  const lacking = (metric: MetricName): string | undefined => {
    if (['fid', 'kid', 'pr'].includes(metric) && !dataset) return 'the images it was trained on; give --data';
    if (['fid', 'kid', 'pr', 'is', 'ppl'].includes(metric) && !extractor) return 'an extractor';
    if (['comove', 'attention'].includes(metric) && !stored.config.encoder) return 'a model that a layout steers; this one has no encoder';
    if (metric === 'comove' && !segmenter) return 'a segmenter';
    if (metric === 'attention' && !stored.D) return 'the discriminator, which this model file leaves out';
    return undefined;
  };
  for (const metric of metrics) {
    const what = lacking(metric);
    if (what !== undefined) throw new SpatialGANError('CONFIG', `metrics: ${metric} needs ${what}`);
  }
}

function featureResults({ model, params, options }: Loaded, metrics: readonly FeatureMetric[]): Promise<readonly MetricResult[]> {
  const { generator, sampler, renderer } = model;
  const { dataset, extractor, num, numReal, seed, truncationPsi = 1, stored } = options;
  const generated = generatorImages({ name: stored.config.name, seed, generator, params: params.G, sampler, renderer, truncationPsi });
  // Only the Inception score runs without real images, and it does not look at them.
  const real = dataset ? datasetImages(dataset) : generated;
  return evaluateMetrics({ ...options, real, generated, extractor: extractor!, metrics, numGenerated: num, ...(numReal === undefined ? {} : { numReal }) });
}

async function pathLength({ model, params, options }: Loaded): Promise<readonly MetricResult[]> {
  const { generator, sampler, renderer } = model;
  const { extractor, num, seed, batch } = options;
  const features = (images: Tensor4D): Tensor2D => {
    const { size } = extractor!;
    return extractor!.extract(size === null || size === images.shape[1] ? images : image.resizeBilinear(images, [size, size], false, true)).features;
  };
  const result = await evaluatePathLength({
    ...options, generator: generatorPaths({ seed, generator, params: params.G, sampler, renderer }), features, extractor: extractor!.info, numPaths: num, seed, batch: batch ?? 16,
  });
  return [{ ...result, details: { ...result.details, resize: extractor!.size === null ? 'none' : 'bilinear, in floats' } }];
}

async function coMove({ options }: Loaded): Promise<readonly MetricResult[]> {
  const { stored, segmenter, num, seed, truncationPsi } = options;
  const runtime = createLocalRuntime(stored);
  try {
    const draw = regionMoves(runtime, truncationPsi === undefined ? {} : { truncationPsi });
    const { result, examples } = await evaluateCoMove({ ...options, draw, segmenter: segmenter!, numMoves: Math.min(num, mostMoves), seed });
    options.onMoves?.(examples);
    return [result];
  } finally {
    await runtime.dispose();
  }
}

/** The paper's, level 0 first. */
const attentionTargets = ['b8', 'b16', 'b32'];

/** The level that feeds a resolution, at the size of an attention map. */
function levelHeatmap(renderer: BuiltModel['renderer'], layouts: readonly HeatmapLayout[], side: number): Tensor4D {
  const heatmap = renderer.render(layouts, [side]).get(side)!;
  return heatmap.shape[1] === side ? heatmap : resizeBilinear(heatmap, [side, side]);
}

function attention({ model, params, options }: Loaded): Promise<readonly MetricResult[]> {
  const { generator, discriminator, sampler, renderer, config } = model;
  const { num, seed, truncationPsi = 1 } = options;
  const targets = attentionTargets.filter((name) => discriminator.taps.includes(name));
  const extractor = extractorOf({ reading: config.renderer.preset, targets });
  const root = createRng(seed).split('attention');
  const draw = (begin: number, count: number): Readonly<Record<string, AttentionPair>> =>
    tidy(() => {
      const streams = Array.from({ length: count }, (_, i) => root.split(`image:${begin + i}`));
      const { images, layouts } = drawGenerated({ generator, sampler, renderer, params: params.G, truncationPsi }, streams);
      const maps = extractAttention(extractor, tappedScore(discriminator, params.D!), images);
      const pairs = targets.map((name) => [name, { attention: maps[name]!, heatmap: levelHeatmap(renderer, layouts, maps[name]!.shape[1]) }] as const);
      return Object.fromEntries(pairs) as Record<string, { attention: Tensor4D; heatmap: Tensor4D }>;
    });
  const { signal, onProgress } = options;
  return evaluateAttention({
    ...(signal && { signal }), ...(onProgress && { onProgress }), draw, numImages: Math.min(num, mostMoves), seed, method: `gradCam (${config.renderer.preset})`,
  });
}

/**
 * Every metric that was asked for, in their order; weights are loaded here and given back.
 *
 * @throws SpatialGANError 'CONFIG' for what a metric lacks, before anything slow begins; 'ABORTED' when the signal fires.
 */
export async function evaluateModel(options: EvaluateModelOptions): Promise<readonly MetricResult[]> {
  check(options);
  const { stored, metrics } = options;
  const model = buildModel(stored.config);
  const G = loadParams((rng) => model.generator.init(rng), stored.G, 'G');
  const D = stored.D && loadParams((rng) => model.discriminator.init(rng), stored.D, 'D');
  const loaded: Loaded = { model, params: { G, ...(D && { D }) }, options };
  try {
    const compared = metrics.flatMap((name) => featureMetrics[name] ?? []);
    return [
      ...(compared.length > 0 ? await featureResults(loaded, compared) : []),
      ...(metrics.includes('ppl') ? await pathLength(loaded) : []),
      ...(metrics.includes('comove') ? await coMove(loaded) : []),
      ...(metrics.includes('attention') ? await attention(loaded) : []),
    ];
  } finally {
    disposeParams(G);
    if (D) disposeParams(D);
  }
}
