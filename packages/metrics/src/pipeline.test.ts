import '@tensorflow/tfjs-backend-cpu';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  add, engine, mean, mul, reshape, setBackend, slice, softmax, stack, type Tensor2D, type Tensor3D, type Tensor4D, tensor1d, tensor2d, tensor4d, tidy,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rng } from '@spatialgan/core';
import { memoryDataset } from '@spatialgan/data';
import { evaluateMetrics, type EvaluateOptions } from './evaluateMetrics.js';
import { evaluatePathLength } from './evaluatePathLength.js';
import { fileFeatureCache } from './fileFeatureCache.js';
import { type FeatureExtractor, functionExtractor, modelExtractor } from './featureExtractor.js';
import { generatedImages } from './generatedImages.js';
import { chooseIndices, datasetImages } from './imageSource.js';
import { slerp } from './interpolate.js';
import { attentionConsistency } from './attentionConsistency.js';
import { perceptualPathLength } from './perceptualPathLength.js';
import type { MetricProgress } from './steps.js';
import { fromUint8, toUint8 } from './toUint8.js';

beforeAll(async () => {
  await setBackend('cpu');
});

const side = 8;
const dataset = memoryDataset({
  resolution: side,
  images: Array.from({ length: 40 }, (_, n) => Uint8Array.from({ length: side * side * 3 }, (_unused, i) => (i * 7 + n * 53 + (i * n) % 31) % 256)),
});
const noisy = (streams: readonly Rng[]): Tensor4D => tidy(() => stack(streams.map((stream) => mul(add(stream.uniformTensor<Tensor3D>([side, side, 3]), -0.5), 2))) as Tensor4D);
const colors = (counted = { calls: 0 }): FeatureExtractor =>
  functionExtractor({
    name: 'colors', version: '1', dims: 3, size: 4, resize: 'box',
    features: (images) => {
      counted.calls += images.shape[0];
      const features = mean(images, [1, 2]) as Tensor2D;
      return { features, probabilities: softmax(mul(features, 0.05)) };
    },
  });
const base = (): EvaluateOptions => ({
  real: datasetImages(dataset), generated: generatedImages({ seed: 3, generate: noisy }), extractor: colors(), metrics: ['fid', 'kid', 'precisionRecall', 'inceptionScore'],
  numGenerated: 30, kid: { numSubsets: 4, maxSubsetSize: 10 }, numSplits: 3,
});

describe('evaluateMetrics', () => {
  it('records where each figure comes from and warns of its limits', async () => {
    const before = engine().state.numTensors;
    const results = await evaluateMetrics(base());
    expect(engine().state.numTensors).toBe(before);
    expect(results.map(({ metric }) => metric)).toEqual(['fid', 'kid', 'precision', 'recall', 'inceptionScore']);
    for (const result of results) {
      expect(result).toMatchObject({ extractor: { name: 'colors', version: '1', dims: 3, published: false }, resize: 'box', counts: { real: 40, generated: 30 }, seed: 3, version: 1 });
      expect(Number.isFinite(result.value)).toBe(true);
      expect(result.warnings.map(({ code }) => code)).toContain('OWN_EXTRACTOR');
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    }
    expect(results[1]!.warnings.map(({ code }) => code)).toContain('FEW_IMAGES');
    expect(results[0]!.warnings.map(({ code }) => code)).not.toContain('SINGULAR_COVARIANCE');
  });

  it('does not depend on the batch size', async () => {
    const at = (batch: number) => evaluateMetrics({ ...base(), batch });
    const [one, many] = [await at(1), await at(16)];
    one.forEach(({ value }, i) => expect(Math.abs(value - many[i]!.value)).toBeLessThanOrEqual(1e-9 * Math.abs(value)));
  });

  it('says when images do not span the features, and when there were fewer than asked for', async () => {
    const wide = functionExtractor({ name: 'pixels', version: '1', dims: 192, features: (images) => images });
    const [fid] = await evaluateMetrics({ ...base(), generated: datasetImages(dataset), extractor: wide, metrics: ['fid'], numGenerated: 50 });
    expect(fid!.warnings.map(({ code }) => code)).toEqual(['OWN_EXTRACTOR', 'SINGULAR_COVARIANCE', 'FEWER_THAN_ASKED']);
    expect(Math.abs(fid!.value)).toBeLessThan(1e-6);
  });

  it('takes what the cache holds for the same pixels, and computes anew when one pixel or the extractor differs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
    const cache = fileFeatureCache(folder);
    const counted = { calls: 0 };
    const run = async (real = dataset): Promise<number> => {
      counted.calls = 0;
      const [fid] = await evaluateMetrics({ ...base(), real: datasetImages(real), extractor: colors(counted), metrics: ['fid'], cache });
      expect(fid!.counts['real']).toBe(40);
      return fid!.value;
    };
    const first = await run();
    expect(counted.calls).toBe(70);
    expect(await run()).toBe(first);
    expect(counted.calls).toBe(30);
    const images = await Promise.all(Array.from({ length: 40 }, (_, i) => dataset.image(i)));
    images[39]![0]! ^= 1;
    await run(memoryDataset({ resolution: side, images, name: 'memory' }));
    expect(counted.calls).toBe(70);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'damaged');
    expect(await run()).toBe(first);
    expect(counted.calls).toBe(70);
  });

  it('reports progress with the time that remains, and stops when told', async () => {
    const seen: MetricProgress[] = [];
    const abort = new AbortController();
    await evaluateMetrics({ ...base(), metrics: ['fid'], onProgress: (progress) => seen.push(progress) });
    expect(seen.at(0)).toMatchObject({ stage: 'features of memory', fraction: 0.4 });
    expect(seen.at(-1)).toMatchObject({ stage: 'fid', fraction: 1, etaMs: 0 });
    expect(seen[0]!.etaMs).toBeGreaterThan(0);
    const before = engine().state.numTensors;
    const stopped = evaluateMetrics({ ...base(), signal: abort.signal, onProgress: () => abort.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    expect(engine().state.numTensors).toBe(before);
  });

  it('refuses metrics it does not know and scores without probabilities', async () => {
    await expect(evaluateMetrics({ ...base(), metrics: [] })).rejects.toMatchObject({ code: 'CONFIG' });
    await expect(evaluateMetrics({ ...base(), metrics: ['swd' as 'fid'] })).rejects.toThrow(/got swd/);
    const plain = functionExtractor({ name: 'plain', version: '1', dims: 3, features: (images) => mean(images, [1, 2]) });
    await expect(evaluateMetrics({ ...base(), extractor: plain, metrics: ['inceptionScore'] })).rejects.toThrow(/no class probabilities/);
    const wrong = functionExtractor({ name: 'wrong', version: '1', dims: 4, features: (images) => mean(images, [1, 2]) });
    await expect(evaluateMetrics({ ...base(), extractor: wrong, metrics: ['fid'] })).rejects.toThrow(/expected 4 numbers/);
  });
});

describe('chooseIndices', () => {
  it('takes all, or a choice without repetition that follows from the seed', () => {
    expect(chooseIndices(4, 9, 1)).toEqual([0, 1, 2, 3]);
    expect(chooseIndices(Infinity, 3, 1)).toEqual([0, 1, 2]);
    const some = chooseIndices(100, 20, 1);
    expect(new Set(some).size).toBe(20);
    expect(chooseIndices(100, 20, 1)).toEqual(some);
    expect(chooseIndices(100, 20, 2)).not.toEqual(some);
  });
});

describe('modelExtractor', () => {
  it('takes outputs of anything that predicts', () => {
    const model = { predict: (x: Tensor4D) => ({ pool: mean(x, [1, 2]), classes: softmax(mean(x, [1, 2]) as Tensor2D) }) };
    const extractor = modelExtractor(model, { name: 'm', version: '1', dims: 3, preprocess: (x) => mul(x, 0.5), output: 'pool', probabilities: 'classes' });
    const { features, probabilities } = extractor.extract(tensor4d([2, 4, 6], [1, 1, 1, 3]));
    expect([...features.dataSync()]).toEqual([1, 2, 3]);
    expect(probabilities!.shape).toEqual([1, 3]);
    expect(() => modelExtractor(model, { name: 'm', version: '1', dims: 3, preprocess: (x) => x }).extract(tensor4d([2, 4, 6], [1, 1, 1, 3]))).toThrow(/no output 0/);
  });
});

describe('toUint8', () => {
  it('cuts off as metrics do, or rounds to even as grids do, and clamps', () => {
    expect([...toUint8([-1, 0, 1, 2, -3, 126.9 / 127.5, NaN, Infinity])]).toEqual([0, 128, 255, 255, 0, 254, 0, 255]);
    expect([...toUint8([-1, 0, 1 / 127.5, 1], 'nearest')]).toEqual([0, 128, 128, 255]); // 127.5 and 128.5 to even
    expect([...fromUint8([0, 255])]).toEqual([-1, 1]);
  });
});

describe('perceptual path length', () => {
  // Gray images of value 0.1 w: the features of two ends differ by 127.5 · 0.1 · ε (w₁ - w₀), whatever t.
  const generator = {
    zDim: 1,
    map: (z: Tensor2D) => reshape(z, [z.shape[0], 1, 1]) as Tensor3D,
    synthesize: (ws: Tensor3D) => mul(reshape(ws, [ws.shape[0], 1, 1, 1]), 0.1) as Tensor4D,
  };
  const features = (images: Tensor4D) => slice(reshape(images, [images.shape[0], 3]), [0, 0], [-1, 1]) as Tensor2D;
  const options = { generator, features, extractor: { name: 'gray', version: '1', dims: 1, published: false }, epsilon: 0.1, numPaths: 300, seed: 5 };

  it('has the closed form of a linear generator: 12.75² E(w₁ - w₀)², without the tails', async () => {
    const before = engine().state.numTensors;
    const { value, interval, counts, details } = await evaluatePathLength({ ...options, numPaths: 3000, batch: 500 });
    expect(engine().state.numTensors).toBe(before);
    // (w₁ - w₀)² = 2 χ²₁; its mean between the 1st and 99th percentile is 2 · 0.9342.
    expect(Math.abs(value / (12.75 ** 2 * 2 * 0.9342) - 1)).toBeLessThan(0.06);
    expect(interval!.low).toBeLessThan(value);
    expect(counts).toEqual({ paths: 3000 });
    expect(details).toMatchObject({ space: 'w', sampling: 'full' });
  });

  it('does not depend on the batch size nor, in w, on where the paths are looked at', async () => {
    const whole = (await evaluatePathLength({ ...options, batch: 300 })).value;
    expect(Math.abs((await evaluatePathLength({ ...options, batch: 7 })).value / whole - 1)).toBeLessThan(1e-9);
    expect(Math.abs((await evaluatePathLength({ ...options, batch: 300, sampling: 'end' })).value / whole - 1)).toBeLessThan(1e-4);
  });

  it('drops the outermost percentiles', () => {
    // 201 values: sorted index 2 to 198.
    const values = Array.from({ length: 201 }, (_, i) => (i * 37) % 201);
    expect(perceptualPathLength(values)).toBe(100);
    expect(perceptualPathLength([...Array.from({ length: 200 }, () => 1), 1e9])).toBe(1);
    expect(perceptualPathLength([5])).toBe(5);
    expect(() => perceptualPathLength([])).toThrow(/at least one/);
  });

  it('turns on the sphere at even speed, and keeps equal directions', () => {
    const at = (t: number): number[] => [...slerp(tensor2d([[2, 0]]), tensor2d([[0, 5]]), tensor1d([t])).dataSync()];
    expect(at(1 / 3)[0]).toBeCloseTo(Math.cos(Math.PI / 6), 6);
    expect(at(1 / 3)[1]).toBeCloseTo(Math.sin(Math.PI / 6), 6);
    expect([...slerp(tensor2d([[3, 0]]), tensor2d([[1, 0]]), tensor1d([0.4])).dataSync()]).toEqual([1, 0]);
  });
});

describe('attentionConsistency', () => {
  const map = (values: number[]): Tensor4D => tensor4d(values, [1, 2, 2, 1]);

  it('is whole for equal maps up to scale, opposite for inverted ones, nothing without contrast', async () => {
    const same = await attentionConsistency(map([0, 0, 3, 6]), map([0, 0, 0.25, 0.5]));
    expect(same.correlation.mean).toBeCloseTo(1, 12);
    expect([same.overlap.mean, same.peakInside.mean]).toEqual([1, 1]);
    const inverted = await attentionConsistency(map([1, 1, 0, 0]), map([0, 0, 1, 1]));
    expect(inverted.correlation.mean).toBeCloseTo(-1, 12);
    expect([inverted.overlap.mean, inverted.peakInside.mean]).toEqual([0, 0]);
    const flat = await attentionConsistency(map([2, 2, 2, 2]), map([0, 0, 1, 1]));
    expect([flat.correlation.mean, flat.overlap.mean, flat.peakInside.mean]).toEqual([0, 0, 0]);
  });

  it('adds a heatmap\'s regions up to 1 and wants equal sizes', async () => {
    const two = tensor4d([1, 0, 0, 0.5, 0, 0, 0.8, 0.9], [1, 2, 2, 2]); // H = 1, 0.5, 0, 1
    expect((await attentionConsistency(map([2, 1, 0, 2]), two)).correlation.mean).toBeCloseTo(1, 6);
    await expect(attentionConsistency(tensor4d([1], [1, 1, 1, 1]), two)).rejects.toMatchObject({ code: 'SHAPE' });
  });
});
