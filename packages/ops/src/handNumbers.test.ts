import { type Rank, tensor1d, tensor2d, tensor4d, type Tensor, type Tensor4D, zeros } from '@tensorflow/tfjs-core';
import { createRng } from '@spatialgan/core';
import { describe, expect, it } from 'vitest';
import { describeBackends } from '@spatialgan-internal/test-kit';
import {
  adamStep, biasAct, conv2d, conv2dResample, convTranspose2d, defaultGain, fullyConnected, gridSample, initConvLayer, initFullyConnected,
  instanceNorm, minibatchStd, modulatedConv2d, normalize2ndMoment, resizeBilinear, setupFilter, styledActivation, upfirdn2d, upsample2d,
} from './index.js';

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data());
const row = (...entries: number[]): Tensor4D => tensor4d(entries, [1, 1, entries.length, 1]);

const taps = (...entries: number[]): Tensor4D => tensor4d(entries, [1, entries.length, 1, 1]);

await describeBackends('small numbers worked by hand', () => {
  it('conv2d correlates', async () => {
    expect(await values(conv2d(row(1, 2, 3, 4), taps(1, 10)))).toEqual([21, 32, 43]);
    expect(await values(conv2d(row(1, 2, 3, 4), taps(1, 10), { padding: [0, 0, 1, -1] }))).toEqual([10, 21, 32]);
    expect(await values(conv2d(row(1, 2, 3, 4), taps(1, 10), { stride: 2 }))).toEqual([21, 43]);
    expect(conv2d(zeros([1, 5, 5, 1]), zeros([3, 3, 1, 1]), { stride: 2, padding: 'same' }).shape).toEqual([1, 3, 3, 1]);
  });

  it('convTranspose2d spreads and convolves truly', async () => {
    expect(await values(convTranspose2d(row(1, 2), taps(1, 10, 100), { stride: 2 }))).toEqual([1, 10, 102, 20, 200]);
    expect(await values(convTranspose2d(row(1, 2), taps(1, 10, 100), { stride: 2, padding: [0, 0, 1, -1] }))).toEqual([10, 102, 20, 200, 0]);
  });

  it('upfirdn2d spreads, pads, filters and thins out', async () => {
    const skew = tensor2d([[1, 2]]);
    expect(await values(upfirdn2d(row(1, 2, 3), skew, { padding: [1, 0, 0, 0] }))).toEqual([1, 4, 7]);
    expect(await values(upfirdn2d(row(1, 2, 3), skew, { padding: [1, 0, 0, 0], flipFilter: true }))).toEqual([2, 5, 8]);
    expect(await values(upfirdn2d(row(1, 2), null, { up: [3, 1] }))).toEqual([1, 0, 0, 2, 0, 0]);
    expect(await values(upfirdn2d(row(1, 2, 3, 4), null, { down: [2, 1], padding: [-1, 0, 0, 0], gain: 10 }))).toEqual([20, 40]);
  });

  it('resampling keeps the brightness of a plain image', async () => {
    const y = upsample2d(tensor4d(Array(36).fill(5), [1, 6, 6, 1]), setupFilter([1, 3, 3, 1]));
    expect(y.shape).toEqual([1, 12, 12, 1]);
    expect((await values(y))[12 * 6 + 6]).toBeCloseTo(5, 5);
  });

  it('biasAct adds, activates, scales and clamps in that order', async () => {
    expect(await values(biasAct(tensor2d([[1, -3]]), tensor1d([1, 1]), { act: 'lrelu', gain: 2, clamp: 3 }))).toEqual([3, expect.closeTo(-0.8, 6)]);
    expect(await values(biasAct(tensor2d([[1], [2]]), tensor1d([10, 20]), { axis: 0 }))).toEqual([11, 22]);
  });

  it('styledActivation scales, adds noise and bias, activates, scales and clamps in that order', async () => {
    const x = tensor4d([1, 2, 3, -4], [2, 1, 2, 1]);
    const options = { scale: tensor2d([[10], [1]]), noise: tensor4d([1, 2, 0, 0.5], [2, 1, 2, 1]), bias: tensor1d([-1]) };
    expect(await values(styledActivation(x, options))).toEqual([10, 21, 2, -4.5]);
    expect(await values(styledActivation(x, { ...options, act: 'lrelu', gain: 2, clamp: 20 }))).toEqual([20, 20, 4, expect.closeTo(-1.8, 6)]);
    expect(await values(styledActivation(x, { noise: tensor4d([5, 3], [1, 1, 2, 1]), act: 'relu', gain: 1 }))).toEqual([6, 5, 8, expect.closeTo(0, 6)]);
  });

  it('modulatedConv2d ends with noise, bias and activation', async () => {
    const [x, w, s] = [row(1, -2), tensor4d([3, 4], [1, 1, 1, 2]), tensor2d([[1]])];
    const options = { demodulate: false, noise: tensor4d([1, 2], [1, 1, 2, 1]), bias: tensor1d([0, 10]) };
    expect(await values(modulatedConv2d(x, w, s, options))).toEqual([4, 15, -4, 4]);
    for (const form of ['activations', 'weights'] as const) {
      expect(await values(modulatedConv2d(x, w, s, { ...options, act: 'relu', gain: 1, form }))).toEqual([4, 15, expect.closeTo(0, 6), 4]);
    }
    expect(await values(modulatedConv2d(x, w, s, { demodulate: false, act: 'tanh', gain: 2 }))).toEqual([3, 4, -6, -8].map((v) => expect.closeTo(2 * Math.tanh(v), 5)));
  });

  it('modulatedConv2d with unit styles is a convolution, normalized when asked', async () => {
    const [x, w, s] = [row(1, 2), tensor4d([3, 4], [1, 1, 1, 2]), tensor2d([[1]])];
    expect(await values(modulatedConv2d(x, w, s, { demodulate: false }))).toEqual([3, 4, 6, 8]);
    for (const form of ['activations', 'weights'] as const) {
      expect(await values(modulatedConv2d(x, w, s, { form }))).toEqual([1, 1, 2, 2].map((v) => expect.closeTo(v, 5)));
    }
  });

  it('resizeBilinear aligns the corners, also of single rows', async () => {
    expect(await values(resizeBilinear(row(0, 1), [1, 3]))).toEqual([0, 0.5, 1]);
    expect(await values(resizeBilinear(row(4, 1, 7), [1, 1]))).toEqual([4]);
    expect(await values(resizeBilinear(row(4), [2, 2]))).toEqual([4, 4, 4, 4]);
  });

  it('statistics', async () => {
    expect(await values(instanceNorm(row(1, 3)))).toEqual([expect.closeTo(-1, 4), expect.closeTo(1, 4)]);
    expect(await values(normalize2ndMoment(tensor2d([[3, 4]])))).toEqual([3 / Math.sqrt(12.5), 4 / Math.sqrt(12.5)].map((v) => expect.closeTo(v, 5)));
    const std = await values(minibatchStd(tensor4d([1, 2, 3, 6], [4, 1, 1, 1]), { groupSize: 2 }));
    expect(std.filter((_, i) => i % 2).map((v) => v.toFixed(3))).toEqual(['1.000', '2.000', '1.000', '2.000']);
  });

  it('gridSample reads between pixels and zeros outside', async () => {
    const grid = tensor4d([0, 0, 1, 0, -3, 0], [1, 1, 3, 2]);
    expect(await values(gridSample(row(2, 4), grid))).toEqual([3, 2, 0]);
  });

  it('adamStep moves by lr against the sign at first', async () => {
    const t = tensor1d([1, 1]);
    const { param, m, v } = adamStep({ param: t, grad: tensor1d([4, -0.5]), m: zeros([2]), v: zeros([2]) }, { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-8, step: 1 });
    expect(await values(param)).toEqual([0.9, 1.1].map((p) => expect.closeTo(p, 5)));
    expect(await values(m)).toEqual([0.4, -0.05].map((p) => expect.closeTo(p, 6)));
    expect(await values(v)).toEqual([0.16, 0.0025].map((p) => expect.closeTo(p, 6)));
  });

  it('fullyConnected scales by √in and the multiplier', async () => {
    const y = fullyConnected(tensor2d([[1, 1, 1, 1]]), { weight: tensor2d([[2], [2], [2], [2]]), bias: tensor1d([3]) }, { lrMultiplier: 0.5 });
    expect(await values(y)).toEqual([3.5]);
  });
}, { only: ['cpu', 'wasm-plain', 'wasm'] });

describe('layers start as StyleGAN2 does', () => {
  it('with N(0,1)/lrMultiplier weights and the bias asked for', async () => {
    const fc = initFullyConnected(createRng(1), { inFeatures: 64, outFeatures: 64, biasInit: 1, lrMultiplier: 0.01 });
    const w = await values(fc.weight);
    expect(Math.sqrt(w.reduce((a, v) => a + v * v, 0) / w.length)).toBeCloseTo(100, -1);
    expect((await values(fc.bias!))[0]).toBeCloseTo(100, 3);
    expect(initConvLayer(createRng(1), { inChannels: 2, outChannels: 3, kernelSize: 3, bias: false })).not.toHaveProperty('bias');
    expect(defaultGain('lrelu')).toBe(Math.SQRT2);
  });
});

describe('what does not fit is refused with what to do', () => {
  const x = () => zeros<Rank.R4>([1, 2, 2, 3]);
  it.each([
    ['SHAPE', () => conv2d(x(), zeros([1, 1, 2, 4]))],
    ['SHAPE', () => conv2d(x(), zeros([3, 3, 3, 4]))],
    ['CONFIG', () => conv2d(x(), zeros([1, 1, 3, 4]), { stride: 0 })],
    ['SHAPE', () => convTranspose2d(x(), zeros([1, 1, 3, 4]), { stride: 1, padding: 1 })],
    ['SHAPE', () => conv2dResample(x(), zeros([1, 1, 3, 4]), { groups: 2 })],
    ['CONFIG', () => upfirdn2d(x(), null, { up: 0.5 })],
    ['SHAPE', () => upfirdn2d(x(), setupFilter([1, 3, 3, 1]))],
    ['CONFIG', () => setupFilter([[1, 2], [3]])],
    ['CONFIG', () => setupFilter([])],
    ['SHAPE', () => minibatchStd(zeros([3, 1, 1, 1]), { groupSize: 2 })],
    ['SHAPE', () => biasAct(x(), zeros([2]))],
    ['SHAPE', () => styledActivation(x(), { scale: zeros<Rank.R2>([2, 3]) })],
    ['SHAPE', () => styledActivation(x(), { bias: zeros([2]) })],
    ['SHAPE', () => modulatedConv2d(x(), zeros([1, 1, 3, 4]), zeros<Rank.R2>([1, 3]), { bias: zeros([3]) })],
    ['SHAPE', () => modulatedConv2d(x(), zeros([1, 1, 3, 4]), zeros<Rank.R2>([2, 3]))],
  ] as const)('%s', (code, f) => {
    expect(f).toThrow(expect.objectContaining({ code }));
  });
});
