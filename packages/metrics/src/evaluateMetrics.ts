import { SpatialGANError } from '@spatialgan/core';
import type { CollectedFeatures, FeatureNeeds } from './collectFeatures.js';
import { cachedFeatures, type FeatureCache } from './featureCache.js';
import type { FeatureExtractor } from './featureExtractor.js';
import { frechetDistanceSteps } from './frechetDistance.js';
import { chooseIndices, type ImageSource } from './imageSource.js';
import { inceptionScore } from './inceptionScore.js';
import { kernelDistanceSteps } from './kernelDistance.js';
import type { MetricResult, Provenance } from './metricResult.js';
import { precisionRecallSteps } from './precisionRecall.js';
import { drive, type RunOptions } from './steps.js';
import { METRICS_VERSION } from './version.js';
import { featureWarnings } from './warnings.js';

/** Metrics that compare two sets of images by their features. */
export type FeatureMetric = 'fid' | 'kid' | 'precisionRecall' | 'inceptionScore';

export interface EvaluateOptions extends RunOptions {
  readonly real: ImageSource;
  readonly generated: ImageSource;
  readonly extractor: FeatureExtractor;
  readonly metrics: readonly FeatureMetric[];
  /** Generated images; default 50 000, or as many as the source has. */
  readonly numGenerated?: number;
  /** Real images; default all of them, at most 50 000 where all features must be kept at once (not for FID). */
  readonly numReal?: number;
  /** Chooses real images and subsets; default 0. Generated images have the seed of their source. */
  readonly seed?: number;
  /** Images at a time; changes speed and memory only. */
  readonly batch?: number;
  readonly cache?: FeatureCache;
  readonly kid?: { readonly numSubsets?: number; readonly maxSubsetSize?: number };
  readonly neighbors?: number;
  readonly numSplits?: number;
}

/** What each metric reads of the two sets. */
const needs: Readonly<Record<FeatureMetric, { readonly real: FeatureNeeds; readonly generated: FeatureNeeds }>> = {
  fid: { real: { statistics: true }, generated: { statistics: true } },
  kid: { real: { features: true }, generated: { features: true } },
  precisionRecall: { real: { features: true }, generated: { features: true } },
  inceptionScore: { real: {}, generated: { probabilities: true } },
};

const needsOf = (metrics: readonly FeatureMetric[], role: 'real' | 'generated'): FeatureNeeds =>
  metrics.reduce((all, metric) => ({ ...all, ...needs[metric][role] }), {});

interface Sets {
  readonly real: CollectedFeatures | null;
  readonly generated: CollectedFeatures;
}

type Figure = Pick<MetricResult, 'metric' | 'value' | 'interval' | 'details'>;

async function figuresOf(metric: FeatureMetric, { real, generated }: Sets, options: EvaluateOptions): Promise<readonly Figure[]> {
  const { seed = 0, neighbors = 3, numSplits = 10 } = options;
  switch (metric) {
    case 'fid': {
      const value = await drive('fid', frechetDistanceSteps(real!.statistics!, generated.statistics!), options);
      return [{ metric: 'fid', value, interval: null, details: {} }];
    }
    case 'kid': {
      const steps = kernelDistanceSteps(real!.features!, generated.features!, { ...options.kid, seed });
      const { value, interval, ...details } = await drive('kid', steps, options);
      return [{ metric: 'kid', value, interval, details }];
    }
    case 'precisionRecall': {
      const steps = precisionRecallSteps(real!.features!, generated.features!, { neighbors });
      const { precision, recall, precisionInterval, recallInterval } = await drive('precision and recall', steps, options);
      return [
        { metric: 'precision', value: precision, interval: precisionInterval, details: { neighbors } },
        { metric: 'recall', value: recall, interval: recallInterval, details: { neighbors } },
      ];
    }
    case 'inceptionScore': {
      const { mean, std, interval } = inceptionScore(generated.probabilities!, { numSplits });
      return [{ metric: 'inceptionScore', value: mean, interval, details: { std, numSplits } }];
    }
  }
}

function check({ metrics, extractor }: EvaluateOptions): void {
  const unknown = metrics.find((metric) => !Object.hasOwn(needs, metric));
  if (metrics.length === 0 || unknown !== undefined) {
    throw new SpatialGANError('CONFIG', `evaluateMetrics: expected some of ${Object.keys(needs).join(', ')}, got ${unknown ?? 'none'}`);
  }
  if (!Number.isInteger(extractor.info.dims) || extractor.info.dims < 1) {
    throw new SpatialGANError('CONFIG', `evaluateMetrics: extractor ${extractor.info.name} has ${extractor.info.dims} dims`);
  }
}

/**
 * Extracts each set once and computes every metric from it.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'CONFIG' for an unknown metric or an extractor that lacks
 * what a metric needs, 'DATA' for too few images.
 */
export async function evaluateMetrics(options: EvaluateOptions): Promise<readonly MetricResult[]> {
  check(options);
  const { extractor, metrics, real, generated, seed = 0 } = options;
  const asked = options.numGenerated ?? 50_000;
  const [needReal, needGenerated] = [needsOf(metrics, 'real'), needsOf(metrics, 'generated')];
  const numReal = options.numReal ?? (needReal.features || real.length === Infinity ? 50_000 : real.length);
  const compares = Object.keys(needReal).length > 0;
  const collect = (source: ImageSource, count: number, wanted: FeatureNeeds): Promise<CollectedFeatures> =>
    cachedFeatures({ ...options, source, indices: chooseIndices(source.length, count, seed), needs: wanted }, options.cache);
  const sets: Sets = {
    real: compares ? await collect(real, numReal, needReal) : null,
    generated: await collect(generated, asked, needGenerated),
  };
  const provenance: Provenance = {
    extractor: extractor.info,
    resize: extractor.resize,
    counts: { ...(sets.real && { real: sets.real.count }), generated: sets.generated.count },
    seed: generated.seed ?? seed,
    version: METRICS_VERSION,
  };
  const results: MetricResult[] = [];
  for (const metric of metrics) {
    for (const figure of await figuresOf(metric, sets, options)) {
      const details = { ...figure.details, choiceSeed: seed };
      results.push({ ...figure, details, ...provenance, warnings: featureWarnings(figure.metric, provenance, { generated: asked }) });
    }
  }
  return results;
}
