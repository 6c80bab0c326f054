import { type Array64, at, build } from '../array64.js';

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** The activations in double precision. */
export const activationReferences: Readonly<Record<string, (v: number) => number>> = {
  linear: (v) => v,
  relu: (v) => Math.max(v, 0),
  lrelu: (v) => (v > 0 ? v : 0.2 * v),
  tanh: Math.tanh,
  sigmoid,
  elu: (v) => (v > 0 ? v : Math.expm1(v)),
  selu: (v) => SELU_SCALE * (v > 0 ? v : SELU_ALPHA * Math.expm1(v)),
  softplus: (v) => Math.log1p(Math.exp(v)),
  swish: (v) => v * sigmoid(v),
};

/** biasAct on the last axis. */
export function biasActReference(x: Array64, b: Array64 | null, { act = 'linear', gain = 1, clamp = Infinity } = {}): Array64 {
  const C = x.shape[x.shape.length - 1]!;
  const f = activationReferences[act]!;
  const data = x.data.map((v, i) => Math.min(Math.max(gain * f(v + (b ? b.data[i % C]! : 0)), -clamp), clamp));
  return { shape: x.shape, data };
}

/** clamp(act(x · scale + noise + bias) · gain) on [N,h,w,C]; the noise broadcasts to x. */
export function styledActivationReference(
  x: Array64, { scale, noise, bias }: { readonly scale?: Array64; readonly noise?: Array64; readonly bias?: Array64 }, { act = 'linear', gain = 1, clamp = Infinity } = {},
): Array64 {
  const noiseAt = (index: readonly number[]): number => {
    const own = index.slice(4 - noise!.shape.length);
    return at(noise!, ...own.map((i, axis) => (noise!.shape[axis] === 1 ? 0 : i)));
  };
  const f = activationReferences[act]!;
  return build(x.shape, (index) => {
    const [n, , , c] = index as [number, number, number, number];
    const v = at(x, ...index) * (scale ? at(scale, n, c) : 1) + (noise ? noiseAt(index) : 0) + (bias ? at(bias, c) : 0);
    return Math.min(Math.max(gain * f(v), -clamp), clamp);
  });
}

/** Softmax or its logarithm along the last axis of a matrix. */
export function softmaxReference(x: Array64, logarithm = false): Array64 {
  const [, C] = x.shape as [number, number];
  return build(x.shape, ([i, j]) => {
    let total = 0;
    for (let c = 0; c < C; c++) total += Math.exp(at(x, i!, c));
    return logarithm ? at(x, i!, j!) - Math.log(total) : Math.exp(at(x, i!, j!)) / total;
  });
}

/** Matrix product. */
export const matMulReference = (a: Array64, b: Array64): Array64 =>
  build([a.shape[0]!, b.shape[1]!], ([i, j]) => {
    let sum = 0;
    for (let k = 0; k < a.shape[1]!; k++) sum += at(a, i!, k) * at(b, k, j!);
    return sum;
  });
