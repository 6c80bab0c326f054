import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  type Activation, biasAct, clamp, fullyConnected, gridSample, instanceNorm, minibatchStd, normalize2ndMoment, resizeBilinear, selModulate, styledActivation,
} from '@spatialgan/ops';
import { array64, build, randomArray, at } from '../array64.js';
import {
  gridSampleReference, instanceNormReference, minibatchStdReference, normalizeReference, resizeReference, selModulateReference,
} from '../references/features.js';
import { activationReferences, biasActReference, matMulReference, styledActivationReference } from '../references/pointwise.js';
import type { OpCase } from './opCase.js';

const input = (...shape: number[]) => randomArray(shape, { label: 'x' });
const named = (label: string, ...shape: number[]) => randomArray(shape, { label });

const biasActCase = (act: Activation, options: { readonly gain?: number; readonly clamp?: number } = {}): OpCase => ({
  op: 'biasAct',
  variant: options.clamp === undefined ? act : `${act}, gain ${options.gain}, clamp ${options.clamp}`,
  order: 2,
  inputs: [input(2, 3, 4, 5), named('b', 5)],
  run: (x: Tensor4D, b: Tensor1D) => biasAct(x, b, { act, ...options }),
  reference: (x, b) => biasActReference(x, b, {
    act, gain: options.gain ?? (['relu', 'lrelu', 'swish'].includes(act) ? Math.SQRT2 : 1), ...(options.clamp === undefined ? {} : { clamp: options.clamp }),
  }),
});

const resizeCase = (from: readonly [number, number], to: readonly [number, number]): OpCase => ({
  op: 'resizeBilinear',
  variant: `${from.join('×')} to ${to.join('×')}`,
  order: 2,
  inputs: [input(2, ...from, 3)],
  run: (x: Tensor4D) => resizeBilinear(x, to),
  reference: (x) => resizeReference(x, to),
});

const styledCase = (variant: string, noiseShape: readonly number[], options: { readonly act: Activation; readonly gain: number; readonly clamp?: number }): OpCase => ({
  op: 'styledActivation',
  variant,
  order: 2,
  inputs: [input(2, 3, 4, 5), randomArray([2, 5], { label: 'scale', scale: 0.5, offset: 1 }), named('noise', ...noiseShape), named('b', 5)],
  run: (x: Tensor4D, scale: Tensor2D, noise: Tensor, bias: Tensor1D) => styledActivation(x, { scale, noise, bias, ...options }),
  reference: (x, scale, noise, bias) => styledActivationReference(x, { scale, noise, bias }, options),
});

/** Sampling points kept away from pixel centres, where the derivative with respect to the grid jumps. */
const gridOf = (N: number, h: number, w: number, [H, W]: readonly [number, number]) => {
  const wild = named('grid', N, h, w, 2);
  return build(wild.shape, ([n, i, j, k]) => {
    const size = k === 0 ? W : H;
    const pixel = Math.round(((at(wild, n!, i!, j!, k!) + 1) * size) / 2) + 0.25 + 0.5 * Math.abs(Math.sin(i! + 2 * j! + k!));
    return Math.fround((2 * (pixel + 0.5)) / size - 1);
  });
};

/** Everything that works on features, pixels or latent codes. */
export const featureCases: readonly OpCase[] = [
  ...(Object.keys(activationReferences) as Activation[]).map((act) => biasActCase(act)),
  biasActCase('lrelu', { gain: 1, clamp: 0.8 }),
  biasActCase('linear', { gain: 0.7, clamp: 0.5 }),
  {
    op: 'clamp', variant: '[-0.5, 0.25]', order: 2, inputs: [input(4, 6)],
    run: (x: Tensor) => clamp(x, -0.5, 0.25),
    reference: (x) => array64(x.shape, x.data.map((v: number) => Math.min(Math.max(v, -0.5), 0.25))),
  },
  {
    op: 'instanceNorm', variant: '', order: 2, inputs: [input(2, 5, 4, 3)],
    run: (x: Tensor4D) => instanceNorm(x), reference: (x) => instanceNormReference(x),
  },
  {
    op: 'selModulate', variant: '', order: 2,
    inputs: [input(2, 4, 4, 3), named('scale', 2, 4, 4, 1), named('shift', 2, 4, 4, 1)],
    run: (x: Tensor4D, scale: Tensor4D, shift: Tensor4D) => selModulate(x, scale, shift), reference: selModulateReference,
  },
  styledCase('lrelu, noise per sample', [2, 3, 4, 1], { act: 'lrelu', gain: Math.SQRT2 }),
  styledCase('relu, one noise for all', [3, 4, 1], { act: 'relu', gain: 1.5 }),
  styledCase('lrelu, clamp 0.8, noise of one sample', [1, 3, 4, 1], { act: 'lrelu', gain: 1, clamp: 0.8 }),
  styledCase('linear', [2, 3, 4, 1], { act: 'linear', gain: 0.7 }),
  styledCase('tanh, noise per channel', [2, 1, 1, 5], { act: 'tanh', gain: 2 }),
  {
    op: 'styledActivation', variant: 'noise only', order: 2, inputs: [input(3, 2, 3, 4), named('noise', 3, 2, 3, 1)],
    run: (x: Tensor4D, noise: Tensor) => styledActivation(x, { noise, act: 'lrelu' }),
    reference: (x, noise) => styledActivationReference(x, { noise }, { act: 'lrelu', gain: Math.SQRT2 }),
  },
  {
    op: 'styledActivation', variant: 'scale and bias only', order: 2,
    inputs: [input(3, 2, 3, 4), randomArray([3, 4], { label: 'scale', scale: 0.5, offset: 1 }), named('b', 4)],
    run: (x: Tensor4D, scale: Tensor2D, bias: Tensor1D) => styledActivation(x, { scale, bias, act: 'lrelu' }),
    reference: (x, scale, bias) => styledActivationReference(x, { scale, bias }, { act: 'lrelu', gain: Math.SQRT2 }),
  },
  resizeCase([8, 8], [12, 7]), resizeCase([9, 5], [4, 4]), resizeCase([4, 4], [4, 8]),
  {
    op: 'minibatchStd', variant: 'groups of 2, 1 channel', order: 2, step: 1e-4, inputs: [input(4, 2, 3, 4)],
    run: (x: Tensor4D) => minibatchStd(x, { groupSize: 2 }), reference: (x) => minibatchStdReference(x, 2),
  },
  {
    op: 'minibatchStd', variant: 'whole batch, 2 channels', order: 2, step: 1e-4, inputs: [input(3, 2, 2, 4)],
    run: (x: Tensor4D) => minibatchStd(x, { groupSize: null, numChannels: 2 }), reference: (x) => minibatchStdReference(x, 3, 2),
  },
  {
    op: 'normalize2ndMoment', variant: '', order: 2, inputs: [input(4, 7)],
    run: (x: Tensor2D) => normalize2ndMoment(x), reference: normalizeReference,
  },
  {
    op: 'fullyConnected', variant: 'lrelu, lrMultiplier 0.1', order: 2,
    inputs: [input(3, 6), randomArray([6, 4], { label: 'w', scale: 10 }), named('b', 4)],
    run: (x: Tensor2D, weight: Tensor2D, bias: Tensor1D) => fullyConnected(x, { weight, bias }, { act: 'lrelu', lrMultiplier: 0.1 }),
    reference: (x, w, b) => biasActReference(
      matMulReference(x, array64(w.shape, w.data.map((v: number) => (v * 0.1) / Math.sqrt(6)))),
      array64(b.shape, b.data.map((v: number) => v * 0.1)), { act: 'lrelu', gain: Math.SQRT2 },
    ),
  },
  {
    op: 'gridSample', variant: 'x and grid', order: 2, inputs: [input(2, 5, 6, 3), gridOf(2, 3, 4, [5, 6])],
    run: (x: Tensor4D, grid: Tensor4D) => gridSample(x, grid), reference: gridSampleReference,
  },
];
