import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import {
  add, conv2d, engine, matMul, mean, mul, neg, pad, ready, relu, reshape, setBackend, softplus, sum, type Tensor, tensor, type Tensor4D, tidy,
} from '@tensorflow/tfjs-core';
import type { AttentionExtractor, TappedScore } from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ablationCam, eigenCam, eigenGradCam, extractAttention, gradCam, gradCamPlusPlus, hiResCam, layerCam, scoreCam, xGradCam,
} from './index.js';

interface Stored {
  readonly shape: number[];
  readonly data: number[];
}
const fixture = JSON.parse(readFileSync(new URL('../test/fixtures/cams.json', import.meta.url), 'utf8')) as {
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly maps: Readonly<Record<string, Stored>>;
};
let given: Readonly<Record<string, Tensor>>;
const input = (name: string): Tensor => given[name]!;

/** The network of make_fixtures.py. */
const score: TappedScore = (images, tap) => {
  const padded = pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]);
  const a = tap('a', relu(conv2d(padded as Tensor4D, input('filter') as Tensor4D, 2, 'valid')));
  const [N, h, w, C] = a.shape;
  const hidden = softplus(add(matMul(reshape(a, [N * h * w, C]), input('w1') as never), input('b1')));
  const places = reshape(matMul(hidden as never, reshape(input('w2'), [-1, 1])), [N, h, w, 1]);
  return add(mean(mul(places, input('place')), [1, 2, 3]), 2);
};

const options = { targets: ['a'] };
const extractors: readonly AttentionExtractor[] = [
  gradCam(options), gradCamPlusPlus(options), hiResCam(options), xGradCam(options), layerCam(options), eigenCam(options),
  eigenGradCam(options), scoreCam(options), ablationCam({ ...options, channelsPerPass: 2 }),
];

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  given = Object.fromEntries(Object.entries(fixture.inputs).map(([name, { shape, data }]) => [name, tensor(data, shape, 'float32')]));
});

it('runs the network of the fixtures', () =>
  tidy(() => {
    const values = score(input('x') as Tensor4D, (_, x) => x).dataSync();
    fixture.inputs['score']!.data.forEach((v, i) => expect(values[i]).toBeCloseTo(v, 5));
  }));

describe.each(extractors.map((extractor) => [extractor.name, extractor] as const))('%s', (name, extractor) => {
  it('equals the published formula in double precision', () => {
    const maps = extractAttention(extractor, score, input('x') as Tensor4D);
    const { shape, data } = fixture.maps[name]!;
    expect(maps['a']!.shape).toEqual(shape);
    const scale = Math.max(...data);
    expect(scale).toBeGreaterThan(0);
    const got = maps['a']!.dataSync();
    data.forEach((value, i) => expect(Math.abs(got[i]! - value) / scale).toBeLessThanOrEqual(1e-5));
    maps['a']!.dispose();
  });

  it('leaves no tensor behind over 500 calls', () => {
    const before = [engine().state.numTensors, engine().state.numDataBuffers];
    for (let i = 0; i < 500; i++) extractAttention(extractor, score, input('x') as Tensor4D)['a']!.dispose();
    expect([engine().state.numTensors, engine().state.numDataBuffers]).toEqual(before);
  });

  it('names a target that the score never taps, and wants at least one', () => {
    const other: Record<string, (o: { targets: string[] }) => AttentionExtractor> = {
      gradCam, gradCamPlusPlus, hiResCam, xGradCam, layerCam, eigenCam, eigenGradCam, scoreCam, ablationCam,
    };
    expect(() => extractAttention(other[name]!({ targets: ['z'] }), score, input('x') as Tensor4D)).toThrow(
      new RegExp(`${name}: expected one of the taps \\[.*\\], got target 'z'`));
    expect(() => other[name]!({ targets: [] })).toThrow(/at least one tap/);
  });
});

describe('perturbation', () => {
  it('does not depend on how many channels go at once', () => {
    for (const make of [scoreCam, ablationCam]) {
      const [one, many] = [1, 5].map((channelsPerPass) => {
        const map = extractAttention(make({ ...options, channelsPerPass }), score, input('x') as Tensor4D)['a']!;
        return [...map.dataSync()];
      }) as [number[], number[]];
      one.forEach((value, i) => expect(value).toBeCloseTo(many[i]!, 5));
    }
  });

  it('explains any objective that keeps the samples apart', () => {
    const negative = ablationCam({ ...options, scoreOf: (s) => neg(s) });
    const [a, b] = [negative, ablationCam(options)].map((e) => tidy(() => e.weigh(score, input('x') as Tensor4D)['a']!.dataSync()));
    a!.forEach((value, i) => expect(value).toBeCloseTo(-b![i]!, 5));
    expect(() => extractAttention(scoreCam({ ...options, scoreOf: (s) => sum(s) }), score, input('x') as Tensor4D)).toThrow(
      /scoreCam: expected scoreOf to keep one row per sample/);
    expect(() => scoreCam({ ...options, channelsPerPass: 0 })).toThrow(/at least 1, got 0/);
  });
});
