import { concat, dispose, type Tensor1D, type Tensor2D, tensor1d } from '@tensorflow/tfjs-core';
import { createRng, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import { estimateMean } from './coMoveRatio.js';
import type { ExtractorInfo, MetricResult } from './metricResult.js';
import { keptDistances, pathDistances, type PathGenerator, type PathInputs, type PathOptions } from './perceptualPathLength.js';
import { progressOf, type RunOptions } from './steps.js';
import { METRICS_VERSION } from './version.js';
import { featureWarnings } from './warnings.js';

export interface PathLengthOptions extends PathOptions, RunOptions, Pick<PathInputs, 'features'> {
  /** One for all paths, or of paths `begin` to `end`, where each has a layout of its own. */
  readonly generator: PathGenerator | ((begin: number, end: number) => PathGenerator);
  /** Names what `features` is; PPL of the literature is of LPIPS on VGG16. */
  readonly extractor: ExtractorInfo;
  /** `full`: anywhere on the path; `end`: at its beginning. Default `full`. */
  readonly sampling?: 'full' | 'end';
  /** Paths; default 50 000. */
  readonly numPaths?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Paths at a time; changes speed and memory only. Default 4. */
  readonly batch?: number;
}

function drawPaths(seed: number, [begin, end]: readonly [number, number], { zDim, full }: { zDim: number; full: boolean }): { z0: Tensor2D; z1: Tensor2D; t: Tensor1D } {
  const streams = Array.from({ length: end - begin }, (_, i) => createRng(seed).split('ppl').split(`path:${begin + i}`));
  const latents = (label: string): Tensor2D => {
    const rows = streams.map((stream) => stream.split(label).normalTensor<Tensor2D>([1, zDim]));
    const all = concat(rows, 0);
    dispose(rows);
    return all;
  };
  return { z0: latents('z0'), z1: latents('z1'), t: tensor1d(streams.map((stream) => (full ? stream.split('t').uniform() : 0))) };
}

/**
 * Perceptual path length over random paths: `ppl` in z or w, full or end.
 *
 * The interval is the normal one of the mean of the distances kept.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires, 'CONFIG' without paths.
 */
export async function evaluatePathLength(options: PathLengthOptions): Promise<MetricResult> {
  const { generator, features, extractor, space = 'w', sampling = 'full', epsilon = 1e-4, crop = false, numPaths = 50_000, seed = 0, batch = 4, signal } = options;
  if (!Number.isInteger(numPaths) || numPaths < 1) throw new SpatialGANError('CONFIG', `evaluatePathLength: expected at least one path, got ${numPaths}`);
  const report = progressOf('ppl', options);
  const distances = new Float64Array(numPaths);
  for (let begin = 0; begin < numPaths; begin += batch) {
    throwIfAborted(signal, 'ppl');
    const end = Math.min(begin + batch, numPaths);
    const walked = typeof generator === 'function' ? generator(begin, end) : generator;
    const drawn = drawPaths(seed, [begin, end], { zDim: walked.zDim, full: sampling === 'full' });
    try {
      distances.set(await pathDistances({ generator: walked, features, ...drawn, space, epsilon, crop }), begin);
    } finally {
      dispose([drawn.z0, drawn.z1, drawn.t]);
    }
    report(end / numPaths);
  }
  const kept = keptDistances(distances);
  const { mean, interval } = estimateMean(kept);
  const provenance = { extractor, resize: null, counts: { paths: numPaths }, seed, version: METRICS_VERSION };
  const details = { space, sampling, epsilon, crop: crop ? 'yes' : 'no', kept: kept.length };
  return { metric: 'ppl', value: mean, interval, details, ...provenance, warnings: featureWarnings('ppl', provenance, {}) };
}
