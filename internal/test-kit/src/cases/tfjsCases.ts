import * as tf from '@tensorflow/tfjs-core';
import { array64, type Array64, at, build, randomArray } from '../array64.js';
import { activationReferences, matMulReference, softmaxReference } from '../references/pointwise.js';
import { conv2dReference } from '../references/convolutions.js';
import type { OpCase } from './opCase.js';

const input = (...shape: number[]) => randomArray(shape, { label: 'x' });
const positive = (...shape: number[]): Array64 => {
  const x = input(...shape);
  return array64(x.shape, x.data.map((v) => Math.fround(0.5 + Math.abs(v))));
};

const unary = (name: string, run: (x: tf.Tensor) => tf.Tensor, f: (v: number) => number, x = input(4, 6)): OpCase => ({
  op: `tfjs ${name}`, variant: '', order: 2, inputs: [x], run, reference: (a: Array64) => array64(a.shape, a.data.map(f)),
});

const binary = (name: string, run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, f: (a: number, b: number) => number, positiveInputs = false): OpCase => ({
  op: `tfjs ${name}`,
  variant: 'broadcast',
  order: 2,
  inputs: positiveInputs
    ? [positive(2, 3, 4), array64([4], [0.5, 1.5, 2.25, 3])]
    : [input(2, 3, 4), randomArray([3, 1], { label: 'b' })],
  run,
  reference: (a: Array64, b: Array64) => build(a.shape, ([i, j, k]) =>
    f(at(a, i!, j!, k!), b.shape.length === 1 ? at(b, k!) : at(b, j!, 0))),
});

const pool = (name: 'maxPool' | 'avgPool'): OpCase => ({
  op: `tfjs ${name}`,
  variant: '3×3, stride 2, same',
  order: 2,
  inputs: [input(2, 5, 6, 3)],
  run: (x: tf.Tensor4D) => tf[name](x, 3, 2, 'same'),
  reference: (x: Array64) => {
    const [N, H, W, C] = x.shape as [number, number, number, number];
    // TensorFlow pads 5 → 3 by (1, 1) and 6 → 3 by (0, 1).
    return build([N, 3, 3, C], ([n, i, j, c]) => {
      const seen: number[] = [];
      for (let u = 0; u < 3; u++) for (let v = 0; v < 3; v++) {
        const [y, z] = [i! * 2 + u - 1, j! * 2 + v];
        if (y >= 0 && y < H && z >= 0 && z < W) seen.push(at(x, n!, y, z, c!));
      }
      return name === 'maxPool' ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / seen.length;
    });
  },
});

const depthwise: OpCase = {
  op: 'tfjs depthwiseConv2d',
  variant: '3×3, stride 2, multiplier 2',
  order: 2,
  inputs: [input(2, 5, 7, 3), randomArray([3, 3, 3, 2], { label: 'w' })],
  run: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.depthwiseConv2d(x, w, 2, 'valid'),
  reference: (x: Array64, w: Array64) => build([2, 2, 3, 6], ([n, i, j, o]) => {
    let sum = 0;
    for (let u = 0; u < 3; u++) for (let v = 0; v < 3; v++) {
      sum += at(x, n!, i! * 2 + u, j! * 2 + v, Math.floor(o! / 2)) * at(w, u, v, Math.floor(o! / 2), o! % 2);
    }
    return sum;
  }),
};

const batchNorm: OpCase = {
  op: 'tfjs batchNorm',
  variant: 'scale and offset',
  order: 2,
  inputs: [input(2, 3, 3, 4), randomArray([4], { label: 'mean' }), positive(4), randomArray([4], { label: 'offset' }), randomArray([4], { label: 'scale' })],
  run: (x: tf.Tensor4D, m: tf.Tensor1D, v: tf.Tensor1D, o: tf.Tensor1D, s: tf.Tensor1D) => tf.batchNorm(x, m, v, o, s, 1e-3),
  reference: (x: Array64, m: Array64, v: Array64, o: Array64, s: Array64) => array64(x.shape, x.data.map((value, i) => {
    const c = i % 4;
    return ((value - m.data[c]!) / Math.sqrt(v.data[c]! + 1e-3)) * s.data[c]! + o.data[c]!;
  })),
};

const rowwise = (name: string, run: (x: tf.Tensor) => tf.Tensor, f: (row: readonly number[]) => number): OpCase => ({
  op: `tfjs ${name}`, variant: 'last axis', order: 2, inputs: [input(3, 5)], run,
  reference: (x: Array64) => build([3], ([i]) => f(Array.from({ length: 5 }, (_, j) => at(x, i!, j)))),
});

const WGSL_TRIGONOMETRY = { webgpu: 'WGSL asks of sin and cos no more than an absolute error of 2^-11' };

const { sigmoid, tanh, elu, selu, softplus } = activationReferences;

/** The tfjs kernels whose gradients registerGradients() brings, with those that stock tfjs gets wrong. */
export const tfjsCases: readonly OpCase[] = [
  unary('exp', tf.exp, Math.exp), unary('expm1', tf.expm1, Math.expm1), unary('log', tf.log, Math.log, positive(4, 6)),
  unary('log1p', tf.log1p, Math.log1p, positive(4, 6)), unary('sigmoid', tf.sigmoid, sigmoid!), unary('tanh', tf.tanh, tanh!),
  unary('softplus', tf.softplus, softplus!), unary('elu', tf.elu, elu!), unary('selu', tf.selu, selu!),
  unary('relu', tf.relu, (v) => Math.max(v, 0)), unary('relu6', (x) => tf.relu6(tf.mul(x, 5)), (v) => Math.min(Math.max(5 * v, 0), 6)),
  unary('leakyRelu', (x) => tf.leakyRelu(x, 0.3), (v) => (v > 0 ? v : 0.3 * v)), unary('abs', tf.abs, Math.abs),
  unary('square', tf.square, (v) => v * v), unary('sqrt', tf.sqrt, Math.sqrt, positive(4, 6)),
  unary('rsqrt', tf.rsqrt, (v) => 1 / Math.sqrt(v), positive(4, 6)), unary('reciprocal', tf.reciprocal, (v) => 1 / v, positive(4, 6)),
  { ...unary('sin', tf.sin, Math.sin), imprecise: WGSL_TRIGONOMETRY }, { ...unary('cos', tf.cos, Math.cos), imprecise: WGSL_TRIGONOMETRY },
  unary('clipByValue', (x) => tf.clipByValue(x, -0.7, 0.4), (v) => Math.min(Math.max(v, -0.7), 0.4)),
  binary('add', tf.add, (a, b) => a + b), binary('sub', tf.sub, (a, b) => a - b), binary('mul', tf.mul, (a, b) => a * b),
  binary('div', tf.div, (a, b) => a / b, true), binary('pow', tf.pow, (a, b) => a ** b, true),
  binary('maximum', tf.maximum, Math.max), binary('minimum', tf.minimum, Math.min),
  binary('squaredDifference', tf.squaredDifference, (a, b) => (a - b) ** 2),
  binary('prelu', (a, b) => tf.prelu(tf.sub(a, 1), b), (a, b) => (a > 1 ? a - 1 : (a - 1) * b), true),
  {
    op: 'tfjs softmax', variant: '', order: 2, inputs: [input(3, 5)], run: (x: tf.Tensor2D) => tf.softmax(x), reference: (x) => softmaxReference(x),
  },
  rowwise('logSumExp', (x) => tf.logSumExp(x, 1), (row) => Math.log(row.reduce((a, v) => a + Math.exp(v), 0))),
  rowwise('max', (x) => tf.max(x, 1), (row) => Math.max(...row)), rowwise('min', (x) => tf.min(x, 1), (row) => Math.min(...row)),
  rowwise('mean', (x) => tf.square(tf.mean(x, 1)), (row) => (row.reduce((a, v) => a + v, 0) / row.length) ** 2),
  {
    op: 'tfjs matMul', variant: 'transposed', order: 2, inputs: [input(3, 4), randomArray([5, 4], { label: 'b' })],
    run: (a: tf.Tensor2D, b: tf.Tensor2D) => tf.matMul(a, b, false, true),
    reference: (a: Array64, b: Array64) => matMulReference(a, build([4, 5], ([i, j]) => at(b, j!, i!))),
  },
  {
    op: 'tfjs conv2d', variant: '3×3, stride 2, same', order: 2, inputs: [input(2, 5, 6, 2), randomArray([3, 3, 2, 3], { label: 'w' })],
    run: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2d(x, w, 2, 'same'),
    reference: (x: Array64, w: Array64) => conv2dReference(x, w, { stride: 2, padding: [1, 1, 0, 1] }),
  },
  depthwise, batchNorm, pool('maxPool'), pool('avgPool'),
  {
    op: 'tfjs gather', variant: 'repeated, axis 1', order: 2, inputs: [input(2, 4, 3)],
    run: (x: tf.Tensor) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1),
    reference: (x: Array64) => build([2, 3, 3], ([i, j, k]) => at(x, i!, [2, 0, 2][j!]!, k!)),
  },
  {
    op: 'tfjs tile', variant: '', order: 2, inputs: [input(2, 3, 1)], run: (x: tf.Tensor) => tf.square(tf.tile(x, [2, 1, 3])),
    reference: (x: Array64) => build([4, 3, 3], ([i, j]) => at(x, i! % 2, j!, 0) ** 2),
  },
  {
    op: 'tfjs stack', variant: 'and slice, concat, split', order: 2, inputs: [input(2, 4), randomArray([2, 4], { label: 'b' })],
    run: (a: tf.Tensor2D, b: tf.Tensor2D) => {
      const [left, right] = tf.split(tf.concat([a, b], 0), 2, 1) as [tf.Tensor2D, tf.Tensor2D];
      const turned = tf.transpose(tf.slice(tf.pad(tf.transpose(tf.reverse(right, 1)), [[1, 0], [0, 0]]), [1, 0], [2, 4]));
      return tf.stack([tf.mul(left, right), turned]);
    },
    reference: (a: Array64, b: Array64) => {
      const joined = build([4, 4], ([i, j]) => (i! < 2 ? at(a, i!, j!) : at(b, i! - 2, j!)));
      return build([2, 4, 2], ([k, i, j]) => (k === 0 ? at(joined, i!, j!) * at(joined, i!, j! + 2) : at(joined, i!, 3 - j!)));
    },
  },
  {
    op: 'tfjs where', variant: '', order: 2, inputs: [input(3, 4), randomArray([3, 4], { label: 'b' })],
    run: (a: tf.Tensor, b: tf.Tensor) => tf.where(tf.greater(a, b), tf.mul(a, b), tf.square(b)),
    reference: (a: Array64, b: Array64) => array64(a.shape, a.data.map((v, i) => (v > b.data[i]! ? v * b.data[i]! : b.data[i]! ** 2))),
  },
];
