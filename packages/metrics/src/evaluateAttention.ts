import { dispose, type Tensor4D } from '@tensorflow/tfjs-core';
import { SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { attentionConsistency, type AttentionConsistency } from './attentionConsistency.js';
import { estimateMean } from './coMoveRatio.js';
import type { MetricResult } from './metricResult.js';
import { progressOf, type RunOptions } from './steps.js';
import { METRICS_VERSION } from './version.js';

/** Attention and the heatmap it should follow, of one level and some images. */
export interface AttentionPair {
  /** [N,h,w,1]. */
  readonly attention: Tensor4D;
  /** [N,h,w,K]. */
  readonly heatmap: Tensor4D;
}

export interface EvaluateAttentionOptions extends RunOptions {
  /** Pairs of images `begin` to `begin + count` by level, e.g. `b8`. The tensors are disposed here. */
  readonly draw: (begin: number, count: number) => Readonly<Record<string, AttentionPair>>;
  /** Default 512. */
  readonly numImages?: number;
  /** What the images were drawn from; recorded only. */
  readonly seed: number;
  /**
   * Images that the discriminator sees at once; default 16. It is part of what is measured where the discriminator
   * compares the images of a batch (minibatch standard deviation), so it is recorded, and the last batch is filled up.
   */
  readonly batch?: number;
  /** How attention was extracted, e.g. `gradCam`; recorded only. */
  readonly method?: string;
}

type PerImage = AttentionConsistency['perImage'];

async function compareAll(pairs: Readonly<Record<string, AttentionPair>>, count: number, into: Map<string, PerImage[number][]>): Promise<void> {
  try {
    for (const [level, { attention, heatmap }] of Object.entries(pairs)) {
      const { perImage } = await attentionConsistency(attention, heatmap);
      into.set(level, [...(into.get(level) ?? []), ...perImage.slice(0, count)]);
    }
  } finally {
    dispose(Object.values(pairs).flatMap(({ attention, heatmap }) => [attention, heatmap]));
  }
}

/**
 * How well the discriminator's attention lies where the heatmap asked for it, one result a level: the mean correlation
 * over pixels with its 95 % interval; overlap and the share of peaks inside are in `details`.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'CONFIG' without images.
 */
export async function evaluateAttention(options: EvaluateAttentionOptions): Promise<readonly MetricResult[]> {
  const { draw, numImages = 512, seed, batch = 16, method = 'gradCam', signal } = options;
  if (!Number.isInteger(numImages) || numImages < 1) throw new SpatialGANError('CONFIG', `evaluateAttention: expected at least one image, got ${numImages}`);
  const report = progressOf('attention consistency', options);
  const levels = new Map<string, PerImage[number][]>();
  for (let begin = 0; begin < numImages; begin += batch) {
    throwIfAborted(signal, 'attention consistency');
    const count = Math.min(batch, numImages - begin);
    await compareAll(draw(begin, batch), count, levels);
    report((begin + count) / numImages);
  }
  return [...levels].map(([level, perImage]): MetricResult => {
    const { mean, std, interval } = estimateMean(perImage.map(({ correlation }) => correlation));
    const [overlap, peaks] = [estimateMean(perImage.map((image) => image.overlap)), estimateMean(perImage.map(({ peakInside }) => Number(peakInside)))];
    return {
      metric: 'attentionConsistency', value: mean, interval,
      details: { level, std, overlap: overlap.mean, peakInside: peaks.mean, method, batch },
      extractor: null, resize: null, counts: { images: perImage.length }, seed, version: METRICS_VERSION, warnings: [],
    };
  });
}
