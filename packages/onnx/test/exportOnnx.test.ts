import { wasm } from '@spatialgan/backends/wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-web';
import { createRng } from '@spatialgan/core';
import { conv2d, convTranspose2d, setupFilter, upfirdn2d } from '@spatialgan/ops';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportableKernels, exportOnnx } from '../src/index.js';

type Run = (x: Tensor4D) => Tensor;

beforeAll(async () => {
  await wasm().activate();
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
});

const random = (shape: readonly number[], label = 'x'): Tensor4D => createRng(5).split(label).normalTensor<Tensor4D>(shape);

/** The largest difference between tfjs and onnxruntime on other numbers than the traced ones. */
async function worstDifference(run: Run, shape: readonly number[]): Promise<number> {
  const bytes = exportOnnx({ run: ({ x }) => ({ y: run(x as Tensor4D) }), inputs: { x: random(shape) } });
  const session = await ort.InferenceSession.create(bytes);
  const other = random(shape, 'other');
  const { y } = await session.run({ x: new ort.Tensor('float32', await other.data<'float32'>(), [...shape]) });
  const wanted = tf.tidy(() => tf.cast(run(other), 'float32').dataSync());
  expect(y!.data.length).toBe(wanted.length);
  return Math.max(...[...wanted].map((value, i) => Math.abs(value - Number(y!.data[i]))));
}

const cases: Readonly<Record<string, readonly [Run, readonly number[]]>> = {
  'conv2d, padded': [(x) => conv2d(x, random([3, 3, 4, 5], 'w'), { padding: 1 }), [2, 6, 7, 4]],
  'conv2d, strided, one-sided': [(x) => conv2d(x, random([3, 3, 4, 5], 'w'), { stride: 2, padding: [0, 1, 2, 0] }), [1, 6, 7, 4]],
  'conv2d, cropping': [(x) => conv2d(x, random([3, 3, 4, 5], 'w'), { padding: [-1, 1, 0, -2] }), [1, 8, 8, 4]],
  'conv2d of a filter that depends on the input': [(x) => conv2d(x, tf.reshape(tf.mean(x, [1, 2]), [1, 1, 4, 1]) as Tensor4D), [1, 3, 3, 4]],
  convTranspose2d: [(x) => convTranspose2d(x, random([3, 3, 4, 5], 'w'), { stride: 2, padding: 1 }), [2, 4, 5, 4]],
  'upfirdn2d, up, separable': [(x) => upfirdn2d(x, setupFilter([1, 3, 3, 1]), { up: 2, padding: [2, 1, 2, 1], gain: 4 }), [2, 4, 5, 3]],
  'upfirdn2d, down, 2-D, asymmetric, cropping': [
    (x) => upfirdn2d(x, setupFilter([[1, 2, 0], [3, 1, 5]]), { down: [2, 1], padding: [1, -1, 2, 0] }), [1, 7, 6, 3]],
  'resize, corners aligned': [(x) => tf.image.resizeBilinear(x, [7, 9], true), [2, 3, 4, 2]],
  'resize, half pixels': [(x) => tf.image.resizeBilinear(x, [8, 6], false, true), [1, 4, 3, 2]],
  'avgPool over windows': [(x) => tf.avgPool(x, [2, 3], [2, 1], 'valid'), [2, 6, 6, 3]],
  'avgPool over an axis': [(x) => tf.avgPool(x, [1, 6], 1, 'valid'), [2, 4, 6, 3]],
  'reductions': [(x) => tf.add(tf.add(tf.sum(x, [1, -1]), tf.mean(x, [1, 3])), tf.add(tf.max(x, [1, 3]), tf.min(x, [1, 3]))), [2, 3, 4, 5]],
  'a reduction of everything': [(x) => tf.mul(x, tf.mean(x)), [1, 2, 2, 2]],
  'arithmetic': [(x) => tf.div(tf.sub(tf.square(x), tf.maximum(x, 0.1)), tf.add(tf.rsqrt(tf.add(tf.abs(x), 1)), tf.sqrt(tf.abs(x)))), [1, 3, 3, 2]],
  'functions': [(x) => tf.add(tf.add(tf.sigmoid(x), tf.tanh(x)), tf.add(tf.softplus(x), tf.exp(tf.neg(tf.relu(x))))), [1, 3, 3, 2]],
  'more functions': [(x) => tf.add(tf.add(tf.log(tf.add(tf.abs(x), 1)), tf.erf(x)), tf.add(tf.floor(x), tf.leakyRelu(x, 0.3))), [1, 3, 3, 2]],
  'step and where': [(x) => tf.add(tf.mul(x, tf.step(x, 0.2)), tf.where(tf.less(x, 0), tf.mul(x, 2), tf.sign(x))), [1, 3, 3, 2]],
  'powers and extremes': [(x) => tf.add(tf.pow(tf.abs(x), 1.5), tf.minimum(x, tf.where(tf.lessEqual(x, 0.3), x, tf.neg(x)))), [1, 3, 3, 2]],
  'comparisons': [(x) => tf.cast(tf.logicalAnd(tf.logicalAnd(tf.greaterEqual(x, -0.5), tf.greater(x, -0.4)), tf.logicalNot(tf.equal(x, 0))), 'float32'), [1, 3, 3, 2]],
  'softmax': [(x) => tf.softmax(x), [1, 3, 3, 4]],
  'shapes': [(x) => tf.tile(tf.expandDims(tf.transpose(tf.reshape(x, [2, 6, 4]), [2, 0, 1]), 1), [1, 2, 1, 3]), [2, 2, 3, 4]],
  'pieces': [(x) => tf.concat([...tf.split(x, [1, 3], 3)].reverse(), 3), [1, 2, 2, 4]],
  'rows apart and together': [(x) => tf.stack([...tf.unstack(x, 1)].reverse(), -1), [1, 3, 2, 2]],
  'slice, pad, reverse': [(x) => tf.reverse(tf.pad(tf.slice(x, [0, 1, 1, 0], [1, 2, -1, 1]), [[0, 0], [1, 2], [0, 1], [0, 0]], 0.5), [1, -2]), [1, 4, 4, 2]],
  'matMul, transposed': [(x) => tf.matMul(tf.reshape(x, [2, 3, 4]), random([2, 5, 4], 'b'), false, true), [2, 3, 2, 2]],
  'data under another shape': [(x) => tf.add(tf.reshape(x, [4, 3]), tf.reshape(random([12], 'b'), [4, 3])), [1, 2, 2, 3]],
};

describe('onnxruntime computes what tfjs computes', () => {
  it.each(Object.entries(cases))('%s', async (_, [run, shape]) => {
    expect(await worstDifference(run, shape)).toBeLessThan(2e-5);
  });

  it('in every operation that is offered', () => {
    const used = new Set<string>();
    const before = tf.getKernelsForBackend('wasm');
    for (const config of before) {
      tf.unregisterKernel(config.kernelName, 'wasm');
      tf.registerKernel({ ...config, kernelFunc: (call) => (used.add(config.kernelName), config.kernelFunc(call)) });
    }
    for (const [run, shape] of Object.values(cases)) tf.tidy(() => void run(random(shape)));
    for (const config of before) {
      tf.unregisterKernel(config.kernelName, 'wasm');
      tf.registerKernel(config);
    }
    expect(exportableKernels.filter((name) => !used.has(name))).toEqual([]);
  });
});

describe('exportOnnx', () => {
  it('folds what does not depend on the inputs, and takes any names', async () => {
    const run = ({ c, t0 }: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
      ({ out: tf.add(c!, tf.mul(t0!, tf.exp(tf.add(random([2], 'a'), tf.sum(random([3, 2], 'b'), 0))))) });
    const bytes = exportOnnx({ run, inputs: { c: tf.zeros([2]), t0: tf.zeros([2]) } });
    const text = new TextDecoder('latin1').decode(bytes);
    expect(text).toContain('Mul');
    expect(text).not.toContain('Exp');
    const session = await ort.InferenceSession.create(bytes);
    const feeds = { c: new ort.Tensor('float32', [1, 2], [2]), t0: new ort.Tensor('float32', [3, 4], [2]) };
    const wanted = tf.tidy(() => run({ c: tf.tensor([1, 2]), t0: tf.tensor([3, 4]) })['out']!.dataSync());
    const { out } = await session.run(feeds);
    [...wanted].forEach((v, i) => expect(out!.data[i]).toBeCloseTo(v, 4));
  });

  it('leaves no tensor and the backend as it was', () => {
    const inputs = { x: random([1, 4, 4, 2]) };
    const kernels = tf.getKernelsForBackend('wasm').map(({ kernelFunc }) => kernelFunc);
    const before = tf.memory().numTensors;
    exportOnnx({ run: ({ x }) => ({ y: tf.relu(x!) }), inputs });
    expect(() => exportOnnx({ run: ({ x }) => ({ y: tf.cumsum(x!, 1) }), inputs })).toThrow(/operations that ONNX has, got tfjs's kernel 'Cumsum'/);
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.getKernelsForBackend('wasm').map(({ kernelFunc }) => kernelFunc)).toEqual(kernels);
  });

  it('says what it cannot write', () => {
    const inputs = { x: random([1, 4, 4, 2]) };
    expect(() => exportOnnx({ run: () => ({ y: tf.ones([2]) }), inputs })).toThrow(/output 'y' to depend on an input/);
    expect(() => exportOnnx({ run: ({ x }) => ({ y: tf.avgPool(x as Tensor4D, 2, 1, 'same') }), inputs })).toThrow(/padding 'valid'/);
    const fir = (x: Tensor4D): tf.Tensor1D => tf.reshape(tf.slice(x, 0, [1, 1, 1, 2]), [2]);
    expect(() => exportOnnx({ run: ({ x }) => ({ y: upfirdn2d(x as Tensor4D, fir(x as Tensor4D)) }), inputs })).toThrow(/a constant filter of upfirdn2d/);
  });
});
