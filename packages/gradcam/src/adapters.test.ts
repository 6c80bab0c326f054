import '@tensorflow/tfjs-backend-cpu';
import { engine, log, mul, ready, setBackend, sum, type Tensor, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { input, layers, type LayersModel, model as functional, sequential } from '@tensorflow/tfjs-layers';
import { createRng, noTap, type TappedScore } from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { classScore, eigenCam, extractAttention, functionGraph, gradCam, layersModelScore, listTaps, scoreCam } from './index.js';

let images: Tensor4D;
beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  images = createRng(3).normalTensor<Tensor4D>([2, 8, 8, 3]);
});

const conv = (name: string, filters: number): ReturnType<typeof layers.conv2d> =>
  layers.conv2d({ name, filters, kernelSize: 3, padding: 'same', activation: 'relu' });

/** A branch and a merge, a layer used twice, and a nested model in the middle. */
function branchedModel(): LayersModel {
  const inside = sequential({ name: 'stem', layers: [
    layers.conv2d({ name: 'first', inputShape: [8, 8, 3], filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
  ] });
  const image = input({ shape: [8, 8, 3] });
  const stem = inside.apply(image) as ReturnType<typeof input>;
  const shared = conv('shared', 4);
  const [once, twice] = [shared.apply(stem), shared.apply(shared.apply(stem) as never)] as ReturnType<typeof input>[];
  const merged = layers.add({ name: 'merge' }).apply([once!, twice!]);
  const normed = layers.batchNormalization({ name: 'bn' }).apply(merged);
  const pooled = layers.globalAveragePooling2d({ name: 'gap' }).apply(normed);
  const classes = layers.dense({ name: 'classes', units: 3 }).apply(layers.dropout({ rate: 0.5 }).apply(pooled)) as ReturnType<typeof input>;
  return functional({ inputs: image, outputs: classes });
}

const numbers = (f: () => Tensor): number[] => [...tidy(f).dataSync()];
const expectEqual = (got: readonly number[], wanted: readonly number[]): void =>
  got.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 5));

describe('layersModelScore', () => {
  it('computes what the model predicts, nested, shared and merged layers included', () => {
    const net = branchedModel();
    expectEqual(numbers(() => layersModelScore(net)(images, noTap)), numbers(() => net.predict(images) as Tensor));
  });

  it('lists the layers of nested models by path and suggests the last with space', () => {
    const taps = listTaps(layersModelScore(branchedModel()), images);
    expect(taps.map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      'stem/first 2x8x8x4', 'stem/pool 2x4x4x4', 'stem 2x4x4x4', 'shared 2x4x4x4', 'shared:1 2x4x4x4', 'shared:2 2x4x4x4', 'merge 2x4x4x4', 'bn 2x4x4x4',
    ]);
    expect(taps.filter(({ suggested }) => suggested).map(({ name }) => name)).toEqual(['bn']);
  });

  it('explains a class at several layers; before global pooling and a dense layer the weights are that layer\'s', () => {
    const net = sequential({ layers: [
      layers.conv2d({ name: 'conv', inputShape: [8, 8, 3], filters: 5, kernelSize: 3, activation: 'relu' }),
      layers.globalAveragePooling2d({ name: 'gap' } as never),
      layers.dense({ name: 'fc', units: 4 }),
    ] });
    const extractor = gradCam({ targets: ['conv'], scoreOf: classScore(2) });
    const weights = numbers(() => extractor.weigh(layersModelScore(net), images)['conv']!);
    const dense = net.getLayer('fc').getWeights()[0]!.arraySync() as number[][];
    // d(class)/dA = W[:, class] / (6·6) at each of 36 places: the CAM of Zhou et al. 2016.
    expectEqual(weights, [0, 1].flatMap(() => dense.map((row) => row[2]! / 36)));
  });

  it('leaves no tensor behind over 500 calls', () => {
    const net = sequential({ layers: [
      layers.conv2d({ name: 'c', inputShape: [8, 8, 3], filters: 2, kernelSize: 3 }), layers.flatten(), layers.dense({ units: 2 }),
    ] });
    const [score, extractor] = [layersModelScore(net), gradCam({ targets: ['c'], scoreOf: classScore([0, 1]) })];
    const before = engine().state.numTensors;
    for (let i = 0; i < 500; i++) extractAttention(extractor, score, images)['c']!.dispose();
    expect(engine().state.numTensors).toBe(before);
  });

  it('serves methods without gradients and scores that end in a softmax', () => {
    const net = sequential({ layers: [
      layers.conv2d({ name: 'c', inputShape: [8, 8, 3], filters: 3, kernelSize: 3, activation: 'relu' }), layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ] });
    const score = layersModelScore(net);
    for (const extractor of [eigenCam({ targets: ['c'] }), scoreCam({ targets: ['c'], scoreOf: classScore(1) })]) {
      const maps = extractAttention(extractor, score, images);
      expect(maps['c']!.shape).toEqual([2, 6, 6, 1]);
      expect(maps['c']!.dataSync().some((v) => v > 0)).toBe(true);
    }
    const logScore = gradCam({ targets: ['c'], scoreOf: (p) => log(classScoreOf(p)) });
    expect(extractAttention(logScore, score, images)['c']!.dataSync().every(Number.isFinite)).toBe(true);
  });

  it('says what it cannot take', () => {
    const [a, b] = [input({ shape: [4] }), input({ shape: [4] })];
    const two = functional({ inputs: [a, b], outputs: layers.add().apply([a, b]) as ReturnType<typeof input> });
    expect(() => layersModelScore(two)).toThrow(/expected a model of one input .* got 2 inputs, 1 outputs/);
    expect(() => layersModelScore(branchedModel(), { output: 1 })).toThrow(/has an output 1/);
  });
});

const classScoreOf = (p: Tensor): Tensor => (classScore(1) as (scores: Tensor) => Tensor)(p);

describe('classScore', () => {
  it('picks one class, or one per sample, and refuses classes that do not exist', () => {
    const scores = createRng(1).normalTensor<Tensor2D>([2, 3]);
    const values = scores.arraySync();
    const pick = (index: number | number[]): number[] => numbers(() => (classScore(index) as (s: Tensor) => Tensor)(scores));
    expectEqual(pick(1), [values[0]![1]!, values[1]![1]!]);
    expectEqual(pick([2, 0]), [values[0]![2]!, values[1]![0]!]);
    expect(() => pick(3)).toThrow(/classScore: expected scores \[N,K\] with classes 3,3/);
    expect(() => pick([0, 1, 2])).toThrow(/for N samples, got \[2,3\]/);
  });
});

describe('functionGraph', () => {
  const half = (x: Tensor): Tensor => mul(x, 0.5);
  it('runs steps in order, from the step before or from those named', () => {
    const score: TappedScore = functionGraph({
      halved: half,
      both: { from: ['images', 'halved'], run: (x, y) => mul(x!, y!) },
      total: (x) => sum(x, [1, 2, 3]),
    });
    expectEqual(numbers(() => score(images, noTap)), numbers(() => sum(mul(mul(images, images), 0.5), [1, 2, 3])));
    expect(listTaps(score, images).map(({ name, suggested }) => [name, suggested])).toEqual([['halved', false], ['both', true]]);
    const map = extractAttention(gradCam({ targets: ['halved'] }), score, images)['halved']!;
    expect(map.shape).toEqual([2, 8, 8, 1]);
  });

  it('refuses a step that takes from one after it, and an empty graph', () => {
    expect(() => functionGraph({ a: { from: ['b'], run: half as never }, b: half })).toThrow(/step 'a' to take from steps before it, got 'b'/);
    expect(() => functionGraph({})).toThrow(/at least one step/);
  });
});
