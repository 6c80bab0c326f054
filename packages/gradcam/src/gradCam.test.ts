import '@tensorflow/tfjs-backend-cpu';
import {
  add, conv2d, engine, keep, mean, mul, ready, relu, setBackend, softplus, sum, type Tensor, tensor4d, type Tensor4D, tidy,
} from '@tensorflow/tfjs-core';
import { type AttentionExtractor, collectTaps, createRng, type NamedMaps, noTap, stopGradient, type TappedScore, vjp } from '@spatialgan/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractAttention } from './extractAttention.js';
import { gradCam, hiResCam, layerCam } from './gradCam.js';
import { minMaxNormalize } from './minMaxNormalize.js';

const random = (label: string, shape: readonly number[]): Tensor4D => createRng(7).split(label).normalTensor<Tensor4D>(shape);
const values = (x: Tensor): number[] => [...x.dataSync()];
const targets = ['a', 'b'];
let filters: { readonly a: Tensor4D; readonly b: Tensor4D };
let passes = 0;

/** A small convolutional score with two taps, as any foreign model may have. */
const score: TappedScore = (images, tap) => {
  passes++;
  const a = tap('a', relu(conv2d(images, filters.a, 1, 'same')));
  const b = tap('b', relu(conv2d(a, filters.b, 2, 'same')));
  return mean(mul(b, b), [1, 2, 3]);
};

/** The gradient at each tap by adding zeros, one target at a time. */
function gradientsByZeros(images: Tensor4D): Record<string, Tensor4D> {
  const { tap, features } = collectTaps(targets);
  score(images, tap);
  return Object.fromEntries(
    targets.map((target) => {
      const zeros = mul(features[target]!, 0);
      const run = (): Tensor => score(images, (name, x) => (name === target ? add(x, zeros) : x) as Tensor4D);
      return [target, vjp(run, [zeros]).grads[0] as Tensor4D];
    }),
  );
}

function expectClose(got: Tensor, wanted: Tensor, tolerance = 1e-5): void {
  expect(got.shape).toEqual(wanted.shape);
  const truth = values(wanted);
  const scale = Math.max(...truth.map(Math.abs));
  values(got).forEach((value, i) => expect(Math.abs(value - truth[i]!)).toBeLessThanOrEqual(tolerance * scale));
}

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  filters = { a: random('fa', [3, 3, 3, 4]), b: random('fb', [3, 3, 4, 5]) };
});
afterAll(() => {
  for (const filter of Object.values(filters)) filter.dispose();
});

describe('gradCam', () => {
  it('weighs and attends as worked by hand', () =>
    tidy(() => {
      // Two channels on 1×2; the score is 3·A_0 at the left and -1·A_1 at the right.
      const act = tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
      const slope = tensor4d([3, 0, 0, -1], [1, 1, 2, 2]);
      const linear: TappedScore = (images, tap) => sum(mul(tap('act', images), slope), [1, 2, 3]);
      const run = (extractor: AttentionExtractor): number[] => values(extractAttention(extractor, linear, act)['act']!);
      const only = { targets: ['act'] };
      expect(values(gradCam(only).weigh(linear, act)['act']!)).toEqual([1.5, -0.5]);
      expect(run(gradCam(only))).toEqual([1.5 * 1 - 0.5 * 2, 1.5 * 3 - 0.5 * 4]);
      expect(run(gradCam({ ...only, relu: 'before-sum' }))).toEqual([1.5, 4.5]);
      expect(run(hiResCam(only))).toEqual([3, 0]);
      expect(run(layerCam(only))).toEqual([3, 0]);
      // The reference code explains softplus(-logit): the other sign, scaled by sigmoid(-logit); logit = 3 - 4.
      const reference = gradCam({ ...only, preset: 'reference' });
      const factor = -1 / (1 + Math.exp(-1));
      values(reference.weigh(linear, act)['act']!).forEach((w, i) => expect(w).toBeCloseTo(factor * [1.5, -0.5][i]!, 6));
      const [left, right] = run(reference);
      expect(left).toBeCloseTo(-factor * 0.5 * 2, 6);
      expect(right).toBeCloseTo(-factor * 0.5 * 4, 6);
    }));

  it('finds the gradients of all targets in one pass, equal to those by added zeros', () =>
    tidy(() => {
      const images = random('x', [2, 8, 8, 3]);
      const truth = gradientsByZeros(images);
      passes = 0;
      const weights = hiResCam({ targets }).weigh(score, images);
      expect(passes).toBe(1);
      for (const target of targets) expectClose(weights[target]!, truth[target]!);
      const cam = gradCam({ targets }).weigh(score, images);
      for (const target of targets) expectClose(cam[target]!, mean(truth[target]!, [1, 2], true));
    }));

  it('takes any objective of the scores', () =>
    tidy(() => {
      const images = random('x', [2, 8, 8, 3]);
      const doubled = gradCam({ targets: ['b'], scoreOf: (s) => mul(s, 2) }).weigh(score, images)['b']!;
      expectClose(doubled, mul(gradCam({ targets: ['b'] }).weigh(score, images)['b']!, 2));
      const soft = gradCam({ targets: ['b'], scoreOf: 'softplus' }).weigh(score, images)['b']!;
      expectClose(soft, gradCam({ targets: ['b'], scoreOf: (s) => softplus(mul(s, -1)) }).weigh(score, images)['b']!);
    }));

  it('holds the weights constant and lets the gradient through the features', () =>
    tidy(() => {
      const images = random('x', [2, 8, 8, 3]);
      const extractor = gradCam({ targets });
      const weights = extractor.weigh(score, images);
      const attended = (constant: NamedMaps | null) => (): Tensor => {
        const { tap, features } = collectTaps(targets);
        const scores = score(images, tap);
        return sum(extractor.attend(constant ?? extractor.weighPass!({ scores, features }), features)['a']!);
      };
      const shared = vjp(attended(null), [images]).grads[0]!;
      expect(Math.max(...values(shared).map(Math.abs))).toBeGreaterThan(0);
      expectClose(shared, vjp(attended(weights), [images]).grads[0]!);
    }));

  it('weighs inside a tape from a pass of its own too', () =>
    tidy(() => {
      const images = random('x', [2, 8, 8, 3]);
      const extractor = gradCam({ targets: ['b'] });
      const outside = extractor.weigh(score, images)['b']!;
      let inside: Tensor | undefined;
      vjp(() => {
        inside = keep(stopGradient(extractor.weigh(score, images)['b']!));
        return score(images, noTap);
      }, [images]);
      expectClose(inside!, outside);
      inside!.dispose();
    }));

  it('names a target that the score never taps', () => {
    const images = random('x', [1, 8, 8, 3]);
    expect(() => gradCam({ targets: ['c'] }).weigh(score, images)).toThrow(/gradCam: expected one of the taps \[\], got target 'c'/);
    expect(() => gradCam({ targets: [] })).toThrow(/at least one tap/);
    images.dispose();
  });

  it('refuses a pass that no tape recorded, whose gradients would all be 0', () =>
    tidy(() => {
      const { tap, features } = collectTaps(targets);
      const scores = score(random('x', [1, 8, 8, 3]), tap);
      expect(() => gradCam({ targets }).weighPass!({ scores, features })).toThrow(/expected a pass under the current tape/);
    }));
});

describe('extractAttention', () => {
  it('gives maps at each target, constants, in one pass, and leaves nothing else', () => {
    const images = random('x', [2, 8, 8, 3]);
    for (const extractor of [gradCam({ targets }), gradCam({ targets, preset: 'reference' }), hiResCam({ targets }), layerCam({ targets })]) {
      passes = 0;
      const before = engine().state.numTensors;
      const maps = extractAttention(extractor, score, images);
      expect(passes).toBe(1);
      expect(engine().state.numTensors - before).toBe(2);
      expect(Object.entries(maps).map(([name, map]) => [name, ...map.shape])).toEqual([['a', 2, 8, 8, 1], ['b', 2, 4, 4, 1]]);
      for (const map of Object.values(maps)) {
        expect(Math.min(...values(map))).toBeGreaterThanOrEqual(0);
        map.dispose();
      }
    }
    images.dispose();
  });

  it('serves extractors that run the score themselves', () => {
    const images = random('x', [2, 8, 8, 3]);
    const plain: AttentionExtractor = {
      name: 'energy', targets: ['b'],
      weigh: () => ({}),
      attend: (_weights, features) => ({ b: sum(mul(features['b']!, features['b']!), 3, true) as Tensor4D }),
    };
    const before = engine().state.numTensors;
    const maps = extractAttention(plain, score, images);
    expect(engine().state.numTensors - before).toBe(1);
    expect(maps['b']!.shape).toEqual([2, 4, 4, 1]);
    maps['b']!.dispose();
    images.dispose();
  });
});

describe('minMaxNormalize', () => {
  it('scales each sample by its own extremes and makes a constant one 0', () =>
    tidy(() => {
      const x = tensor4d([1, 3, 2, 5, 5, 5], [2, 1, 3, 1]);
      expect(values(minMaxNormalize(x))).toEqual([0, 1, 0.5, 0, 0, 0]);
      const dy = tensor4d([1, 1, 1, 1, 1, 1], [2, 1, 3, 1]);
      expect(values(vjp(() => minMaxNormalize(x), [x], dy).grads[0]!)).toEqual([0.5, 0.5, 0.5, 0, 0, 0]);
    }));
});
