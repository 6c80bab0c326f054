import '@tensorflow/tfjs-backend-cpu';
import { add, conv2d, engine, mean, mul, ready, setBackend, softplus, sum, type Tensor, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { input, layers, model as functional, sequential } from '@tensorflow/tfjs-layers';
import { type AttentionExtractor, collectTaps, createRng, type TappedScore, vjp } from '@spatialgan/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ablationCam, eigenCam, eigenGradCam, extractAttention, gradCam, gradCamPlusPlus, hiResCam, layerCam, listLayers, scoreCam, xGradCam,
} from './index.js';
import '../test/registerGradients.js';

let filter: Tensor4D;
beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  filter = createRng(1).normalTensor<Tensor4D>([3, 3, 2, 4]);
});

/** Smooth everywhere, so that finite differences tell the truth. */
const score: TappedScore = (images, tap) => {
  const a = tap('a', softplus(conv2d(images, filter, 1, 'same')));
  return mean(mul(mul(a, a), a), [1, 2, 3]);
};
const images = (): Tensor4D => createRng(2).uniformTensor<Tensor4D>([2, 4, 4, 2]);
const only = { targets: ['a'] };
const methods = { gradCam, gradCamPlusPlus, hiResCam, xGradCam, layerCam, eigenCam, eigenGradCam, scoreCam, ablationCam };

describe.each(Object.entries(methods))('%s', (_, make) => {
  it('is the ReLU of the map that it gives without one', () =>
    tidy(() => {
      // Features and weights of both signs.
      const signed: TappedScore = (x, tap) => mean(mul(tap('a', conv2d(x, filter, 1, 'same')), tensor4d([1, -2, 0.5, -1], [1, 1, 1, 4])), [1, 2, 3]);
      const [plain, signedMap] = [make(only), make({ ...only, relu: 'none' })].map((e) => extractAttention(e, signed, createRng(3).normalTensor<Tensor4D>([2, 4, 4, 2]))['a']!.dataSync());
      plain!.forEach((value, i) => expect(value).toBeCloseTo(Math.max(0, signedMap![i]!), 6));
      expect(Math.min(...signedMap!)).toBeLessThan(0);
    }));
});

describe.each([gradCam, gradCamPlusPlus, hiResCam, xGradCam, layerCam].map((make) => [make.name, make] as const))('%s inside a loss', (_, make) => {
  /** A loss on the map, as a function of the images. */
  const lossOf = (extractor: AttentionExtractor) => (x: Tensor4D) => (): Tensor => {
    const { tap, features } = collectTaps(only.targets);
    const scores = score(x, tap);
    const map = extractor.attend(extractor.weighPass!({ scores, features }), features)['a']!;
    return sum(mul(map, map));
  };
  it('has the whole gradient where the weights are differentiable, and leaves nothing behind', () => {
    const before = engine().state.numTensors;
    tidy(() => {
      const loss = lossOf(make({ ...only, weights: 'differentiable' }));
      const x = images();
      const toward = createRng(5).normalTensor<Tensor4D>(x.shape);
      const told = sum(mul(vjp(loss(x), [x]).grads[0]!, toward)).dataSync()[0]!;
      const h = 2 ** -7;
      const at = (t: number): number => vjp(loss(add(x, mul(toward, t))), [x]).value.dataSync()[0]!;
      const measured = (at(h) - at(-h)) / (2 * h);
      expect(Math.abs(told - measured) / Math.abs(measured)).toBeLessThan(5e-3);
      const held = lossOf(make(only));
      const without = sum(mul(vjp(held(x), [x]).grads[0]!, toward)).dataSync()[0]!;
      expect(Math.abs(without - measured) / Math.abs(measured)).toBeGreaterThan(0.05);
    });
    expect(engine().state.numTensors).toBe(before);
  });
});

describe('listLayers', () => {
  it('lists nested layers with shapes, suggests one, and leaves no tensor', () => {
    const stem = sequential({ name: 'stem', layers: [
      layers.conv2d({ name: 'first', inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }), layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
    ] });
    const image = input({ shape: [8, 8, 3] });
    const flat = layers.flatten().apply(stem.apply(image) as never);
    const net = functional({ inputs: image, outputs: layers.dense({ units: 2 }).apply(flat) as never });
    const before = engine().state.numTensors;
    expect(listLayers(net)).toEqual([
      { name: 'stem/first', shape: [1, 6, 6, 4], suggested: false },
      { name: 'stem/pool', shape: [1, 3, 3, 4], suggested: false },
      { name: 'stem', shape: [1, 3, 3, 4], suggested: true },
    ]);
    expect(engine().state.numTensors).toBe(before);
  });

  it('asks for a size where the model takes any, and for images', () => {
    const any = sequential({ layers: [layers.conv2d({ name: 'c', inputShape: [null, null, 3], filters: 2, kernelSize: 3 })] });
    expect(() => listLayers(any)).toThrow(/got an input \[any,any,any,3\]; say the size/);
    expect(listLayers(any, [6, 5])).toEqual([{ name: 'c', shape: [1, 4, 3, 2], suggested: true }]);
    expect(() => listLayers(sequential({ layers: [layers.dense({ inputShape: [4], units: 2 })] }))).toThrow(/expected a model of images/);
  });
});
