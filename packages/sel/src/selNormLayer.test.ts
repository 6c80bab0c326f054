import '@tensorflow/tfjs-backend-cpu';
import {
  add, engine, fill, mean, moments, mul, ready, rsqrt, setBackend, square, sub, sum, type Tensor, type Tensor1D, type Tensor4D, tidy, zeros,
} from '@tensorflow/tfjs-core';
import { createRng, flattenParams, vjp } from '@spatialgan/core';
import { registerGradients, resizeBilinear } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { initSelNormLayer, selNormLayer, type SelNormForm, type SelNormParams } from './selNormLayer.js';

const literal: SelNormForm = { scale: 'literal', residual: 'none', residualGain: 0.1, epsilon: 1e-5 };
const reference: SelNormForm = { scale: 'onePlus', residual: 'conv', residualGain: 0.1, epsilon: 1e-5 };
const random = (label: string, shape: readonly number[]): Tensor4D => createRng(1).split(label).normalTensor<Tensor4D>(shape);

/** Weights of zero, so that φσ = 2 and φμ = 3 everywhere. */
const constantMaps = (): SelNormParams => {
  const conv = (I: number, O: number, bias: number) => ({ weight: zeros([3, 3, I, O]) as Tensor4D, bias: fill([O], bias) as Tensor1D });
  return { shared: conv(2, 4, 0), sigma: conv(4, 1, 2), mu: conv(4, 1, 3), output: conv(3, 3, 5) };
};

function expectClose(got: Tensor, wanted: Tensor, tolerance = 1e-5): void {
  const [a, b] = [got.dataSync(), wanted.dataSync()];
  expect(got.shape).toEqual(wanted.shape);
  a.forEach((value, i) => expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(tolerance));
}

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  registerGradients();
});

describe('selNormLayer', () => {
  it('computes each reading of Eq. 2 by hand', () =>
    tidy(() => {
      const [x, hm] = [random('x', [2, 4, 4, 3]), random('hm', [2, 4, 4, 2])];
      const { mean: m, variance } = moments(x, [1, 2], true);
      const normalized = mul(sub(x, m), rsqrt(add(variance, 1e-5)));
      const run = (form: Partial<SelNormForm>): Tensor => selNormLayer(constantMaps(), x, hm, { ...literal, ...form });
      expectClose(run({}), add(mul(normalized, 2), 3));
      expectClose(run({ scale: 'onePlus' }), add(mul(normalized, 3), 3));
      expectClose(run({ residual: 'plain' }), add(add(mul(normalized, 2), 3), x));
      expectClose(run({ residual: 'conv' }), add(x, 0.5)); // 0.1 · the output's bias of 5
      expectClose(run({ residual: 'conv', residualGain: 1 }), add(x, 5));
    }));

  it('resizes a heatmap of another size before its convolutions', () =>
    tidy(() => {
      const params = initSelNormLayer(createRng(2), { mapChannels: 2, channels: 3, hidden: 5, residual: 'conv' });
      const [x, hm] = [random('x', [2, 4, 4, 3]), random('hm', [2, 16, 16, 2])];
      expectClose(selNormLayer(params, x, hm, reference), selNormLayer(params, x, resizeBilinear(hm, [4, 4]), reference), 0);
    }));

  // Smooth in the features without the leaky ReLU of the residual 'conv'; that one is checked by the golden cases.
  it('has first and second derivatives by the features that agree with differences', () =>
    tidy(() => {
      const form = { ...literal, residual: 'plain' } as const;
      const params = initSelNormLayer(createRng(3), { mapChannels: 2, channels: 2, hidden: 3, residual: 'plain' });
      const [x, hm] = [random('x', [1, 4, 4, 2]), random('hm', [1, 4, 4, 2])];
      const [u, dy] = [random('u', x.shape), random('dy', x.shape)];
      const at = (t: number): Tensor4D => add(x, mul(u, t));
      const dot = (a: Tensor, b: Tensor): number => sum(mul(a, b)).dataSync()[0]!;
      const first = (y: Tensor4D): Tensor => vjp(() => selNormLayer(params, y, hm, form), [y], dy).grads[0]!;
      const h = 1e-2;
      const slope = dot(first(x), u);
      const difference = (dot(selNormLayer(params, at(h), hm, form), dy) - dot(selNormLayer(params, at(-h), hm, form), dy)) / (2 * h);
      expect(Math.abs(slope - difference)).toBeLessThan(1e-3 * Math.abs(slope));
      const second = dot(vjp(() => sum(mul(first(x), u)), [x]).grads[0]!, u);
      const curvature = (dot(first(at(h)), u) - dot(first(at(-h)), u)) / (2 * h);
      expect(Math.abs(second)).toBeGreaterThan(0.01);
      expect(Math.abs(second - curvature)).toBeLessThan(1e-3 * Math.abs(second));
    }));

  it('has a gradient for every parameter and leaves nothing behind', () => {
    const params = initSelNormLayer(createRng(3), { mapChannels: 1, channels: 2, hidden: 3, residual: 'conv' });
    expect([...flattenParams(params).keys()]).toEqual(
      ['shared', 'sigma', 'mu', 'output'].flatMap((name) => [`${name}.weight`, `${name}.bias`]),
    );
    const [x, hm] = [random('x', [1, 4, 4, 2]), random('hm', [1, 4, 4, 1])];
    const before = engine().state.numTensors;
    selNormLayer(params, x, hm, reference).dispose();
    expect(engine().state.numTensors).toBe(before);
    tidy(() => {
      const { grads } = vjp(() => mean(square(selNormLayer(params, x, hm, reference))), [...flattenParams(params).values()]);
      for (const grad of grads) expect(Math.max(...grad.dataSync().map(Math.abs))).toBeGreaterThan(0);
    });
    expect(engine().state.numTensors).toBe(before);
  });

  it('names a heatmap that does not fit', () => {
    const [x, hm] = [random('x', [2, 4, 4, 3]), random('hm', [2, 4, 4, 1])];
    expect(() => selNormLayer(constantMaps(), x, hm, literal)).toThrow(/selNorm: heatmap: expected \[2,\*,\*,2\], got \[2,4,4,1\]/);
  });
});
