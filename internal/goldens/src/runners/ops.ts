import { clone, expandDims, fill, matMul, reshape, slice, stack, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tensor, transpose } from '@tensorflow/tfjs-core';
import { vjp } from '@spatialgan/core';
import {
  adamStep, biasAct, conv2dResample, convLayer, downsample2d, filter2d, fullyConnected, gridSample, instanceNorm,
  minibatchStd, modulatedConv2d, normalize2ndMoment, resizeBilinear, setupFilter, upfirdn2d, upsample2d,
} from '@spatialgan/ops';
import type { GoldenCase, Runner } from '../goldenCase.js';
import { tensorOf, toHwio, toNchw, toNhwc, toOihw } from '../pytorchLayout.js';

type Results = Record<string, Tensor>;

/** Keyword arguments under our names; absent ones stay absent. */
const renamed = (kwargs: Record<string, unknown> = {}, names: Readonly<Record<string, string>>): any =>
  Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [names[key] ?? key, value]));

const FIR_NAMES = { flip_filter: 'flipFilter', flip_weight: 'flipWeight' };
const LAYER_NAMES = { activation: 'act', lr_multiplier: 'lrMultiplier', conv_clamp: 'convClamp', resample_filter: 'resampleFilter' };

/** Value and first-order gradients in our layout; `inputs` are differentiated, absent ones left out. */
function firstOrder<T extends Tensor>(f: () => T, inputs: Readonly<Record<string, Tensor | undefined>>, dy: Tensor) {
  const present = Object.entries(inputs).filter((entry): entry is [string, Tensor] => entry[1] !== undefined);
  const { value, grads } = vjp(f, present.map(([, x]) => x), dy as T);
  return { y: value, ...Object.fromEntries(present.map(([name], i) => [`d${name}`, grads[i]!])) } as Results & { y: T };
}

/** ⟨∂⟨f(x), dy⟩/∂x, ddx⟩ differentiated with respect to dy and x. */
function secondOrder(f: () => Tensor, { x, dy, ddx }: { readonly x: Tensor; readonly dy: Tensor; readonly ddx: Tensor }) {
  const [ddy, d2x] = vjp(() => vjp(f, [x], dy).grads[0]!, [dy, x], ddx).grads;
  return { ddy: ddy!, d2x: d2x! };
}

const setupFilterRunner: Runner = ({ args }) => {
  const { flip_filter: flip = false, separable, ...rest } = args.kwargs ?? {};
  const taps = typeof args.f === 'number' ? [args.f] : args.f ?? null;
  // The official default: a 1-D filter below 8 taps becomes 2-D.
  const official = !Array.isArray(taps?.[0]) && (taps?.length ?? 0) >= 8;
  return { f: setupFilter(taps, { ...rest, flip, separable: separable ?? official }) };
};

const upfirdnRunner: Runner = ({ args, inputs }) => {
  const functions = { upfirdn2d, filter2d, upsample2d, downsample2d };
  const resample = functions[args.fn as keyof typeof functions];
  const [x, dy, ddx] = [toNhwc(inputs['x']!), toNhwc(inputs['dy']!), toNhwc(inputs['ddx']!)];
  const f = () => resample(x, (inputs['f'] ?? null) as Tensor2D | null, renamed(args.kwargs, FIR_NAMES));
  const { y, dx } = firstOrder(f, { x }, dy);
  return { y: toNchw(y), dx: toNchw(dx!), ddy: toNchw(secondOrder(f, { x, dy, ddx }).ddy) };
};

const biasActRunner: Runner = ({ args, inputs }) => {
  // The official bias axis is 1: ours is the last after the change of layout.
  const spatial = inputs['x']!.rank === 4;
  const [to, from] = spatial ? [toNhwc, toNchw] : [clone, clone];
  const { dim = 1, ...rest } = args.kwargs ?? {};
  const axis = spatial ? [0, 3, 1, 2][dim]! : dim;
  const [x, dy, ddx] = [to(inputs['x']!), to(inputs['dy']!), to(inputs['ddx']!)];
  const b = (inputs['b'] ?? null) as Tensor1D | null;
  const f = () => biasAct<Tensor>(x, b, { ...rest, axis });
  const { y, dx, db } = firstOrder(f, { x, b: b ?? undefined }, dy);
  const { ddy, d2x } = secondOrder(f, { x, dy, ddx });
  return { y: from(y), dx: from(dx!), ...(db ? { db } : {}), ddy: from(ddy), d2x: from(d2x) };
};

const convResampleRunner: Runner = ({ args, inputs }) => {
  const [x, w, dy] = [toNhwc(inputs['x']!), toHwio(inputs['w']!), toNhwc(inputs['dy']!)];
  const options = { ...renamed(args.kwargs, FIR_NAMES), f: inputs['f'] ?? null };
  const { y, dx, dw } = firstOrder(() => conv2dResample(x, w, options), { x, w }, dy);
  return { y: toNchw(y), dx: toNchw(dx!), dw: toOihw(dw!) };
};

/** Parameters of a layer by our names; the resampling filter is a buffer. */
const stored = (golden: GoldenCase, name: string): Tensor | undefined =>
  golden.weights[name] ? tensorOf(golden.weights[name]) : undefined;

const convLayerRunner: Runner = (golden) => {
  const { args, inputs } = golden;
  const [x, dy, weight] = [toNhwc(inputs['x']!), toNhwc(inputs['dy']!), toHwio(stored(golden, 'weight')!)];
  const bias = stored(golden, 'bias') as Tensor1D | undefined;
  const { act, up, down, convClamp } = renamed(args.ctor, LAYER_NAMES);
  const options = {
    ...(act ? { act } : {}), ...(up ? { up } : {}), ...(down ? { down } : {}), ...(convClamp === undefined ? {} : { convClamp }),
    ...args.kwargs, resampleFilter: stored(golden, 'resample_filter') as Tensor2D ?? null,
  };
  const f = () => convLayer(x, { weight, ...(bias ? { bias } : {}) }, options);
  const { y, dx, dweight, dbias } = firstOrder(f, { x, weight, bias }, dy);
  return { y: toNchw(y), dx: toNchw(dx!), 'grad.weight': toOihw(dweight!), ...(dbias ? { 'grad.bias': dbias } : {}) };
};

const fullyConnectedRunner: Runner = (golden) => {
  const { args, inputs } = golden;
  const x = inputs['x'] as Tensor2D;
  const weight = transpose(stored(golden, 'weight') as Tensor2D);
  const bias = stored(golden, 'bias') as Tensor1D | undefined;
  const { act, lrMultiplier } = renamed(args.ctor, LAYER_NAMES);
  const options = { ...(act ? { act } : {}), ...(lrMultiplier === undefined ? {} : { lrMultiplier }) };
  const f = () => fullyConnected(x, { weight, ...(bias ? { bias } : {}) }, options);
  const { y, dx, dweight, dbias } = firstOrder(f, { x, weight, bias }, inputs['dy']!);
  return { y, dx: dx!, 'grad.weight': transpose(dweight!), ...(dbias ? { 'grad.bias': dbias } : {}) };
};

const modulatedRunner: Runner = ({ args, inputs }) => {
  const { fused_modconv: fused, ...rest } = args.kwargs ?? {};
  const [x, dy, weight] = [toNhwc(inputs['x']!), toNhwc(inputs['dy']!), toHwio(inputs['weight']!)];
  const spatial = inputs['styles']!.rank === 4;
  const styles = (spatial ? toNhwc(inputs['styles']!) : inputs['styles']!) as Tensor4D;
  // The official noise is [H,W] for all samples or [N,1,H,W].
  const given = inputs['noise'];
  const noise = given && (given.rank === 4 ? toNhwc(given) : expandDims(given, -1));
  const options = {
    ...renamed(rest, FIR_NAMES), resampleFilter: (inputs['f'] ?? null) as Tensor2D | null,
    // The official fused path makes filters per sample; spatial styles cannot survive that.
    form: fused === false ? 'activations' : 'weights',
  } as const;
  const f = () => modulatedConv2d(x, weight, styles, { ...options, noise: noise ?? null });
  const { y, dx, dweight, dstyles, dnoise } = firstOrder(f, { x, weight, styles, noise }, dy);
  return {
    y: toNchw(y), dx: toNchw(dx!), dweight: toOihw(dweight!), dstyles: spatial ? toNchw(dstyles!) : dstyles!,
    ...(dnoise ? { dnoise: given!.rank === 4 ? toNchw(dnoise) : dnoise } : {}),
  };
};

const interpolateRunner: Runner = ({ args, inputs }) => {
  const [x, dy] = [toNhwc(inputs['x']!), toNhwc(inputs['dy']!)];
  const { y, dx } = firstOrder(() => resizeBilinear(x, args.size), { x }, dy);
  return { y: toNchw(y), dx: toNchw(dx!) };
};

const instanceNormRunner: Runner = ({ inputs }) => {
  const [x, dy, ddx] = [toNhwc(inputs['x']!), toNhwc(inputs['dy']!), toNhwc(inputs['ddx']!)];
  const f = () => instanceNorm(x);
  const { y, dx } = firstOrder(f, { x }, dy);
  const { ddy, d2x } = secondOrder(f, { x, dy, ddx });
  return { y: toNchw(y), dx: toNchw(dx!), ddy: toNchw(ddy), d2x: toNchw(d2x) };
};

const minibatchStdRunner: Runner = ({ args, inputs }) => {
  const [x, dy] = [toNhwc(inputs['x']!), toNhwc(inputs['dy']!)];
  const { group_size: groupSize, num_channels: numChannels = 1 } = args.ctor;
  const { y, dx } = firstOrder(() => minibatchStd(x, { groupSize, numChannels }), { x }, dy);
  return { y: toNchw(y), dx: toNchw(dx!) };
};

const normalizeRunner: Runner = ({ args, inputs }) => {
  const x = inputs['x']!;
  const { y, dx } = firstOrder(() => normalize2ndMoment(x, args.dim ?? 1, args.eps ?? 1e-8), { x }, inputs['dy']!);
  return { y, dx: dx! };
};

/** PyTorch's affine_grid with align_corners=False: the pixel centres through theta. */
function affineGrid(theta: Tensor, [N, , h, w]: readonly [number, number, number, number]): Tensor4D {
  const centre = (i: number, size: number): number => (2 * i + 1) / size - 1;
  const points = Array.from({ length: h * w }, (_, i) => [centre(i % w, w), centre(Math.floor(i / w), h), 1]);
  const base = tensor(points) as Tensor2D;
  const grids = Array.from({ length: N }, (_, n) =>
    matMul(base, reshape(slice(theta, [n, 0, 0], [1, 2, 3]), [2, 3]) as Tensor2D, false, true));
  return reshape(stack(grids), [N, h, w, 2]) as Tensor4D;
}

const gridSampleRunner: Runner = ({ args, inputs }) => {
  const grid = affineGrid(inputs['theta']!, args.size);
  const [x, dy, ddx] = [toNhwc(inputs['x']!), toNhwc(inputs['dy']!), toNhwc(inputs['ddx']!)];
  const f = () => gridSample(x, grid);
  const { y, dx } = firstOrder(f, { x }, dy);
  return { grid, y: toNchw(y), dx: toNchw(dx!), ddy: toNchw(secondOrder(f, { x, dy, ddx }).ddy) };
};

const adamRunner: Runner = ({ args, inputs }) => {
  const ratio = args.reg_interval ? args.reg_interval / (args.reg_interval + 1) : 1;
  const [beta1, beta2] = args.betas.map((beta: number) => beta ** ratio);
  const grads = inputs['g']!;
  const [steps, size] = grads.shape as [number, number];
  const outputs: Results = {};
  let param = inputs['p'] as Tensor1D;
  let m: Tensor1D = fill([size], 0);
  let v: Tensor1D = fill([size], 0);
  for (let step = 1; step <= (args.steps ?? steps); step++) {
    const grad = reshape(slice(grads, [step - 1, 0], [1, size]), [size]) as Tensor1D;
    ({ param, m, v } = adamStep({ param, grad, m, v }, { lr: args.lr * ratio, beta1, beta2, eps: args.eps, step }));
    outputs[`p${step}`] = param;
  }
  return { ...outputs, exp_avg: m, exp_avg_sq: v };
};

/** Runners of the ops' own cases. */
export const runners: Readonly<Record<string, Runner>> = {
  setup_filter: setupFilterRunner,
  upfirdn2d: upfirdnRunner,
  bias_act: biasActRunner,
  conv2d_resample: convResampleRunner,
  conv2d_layer: convLayerRunner,
  fully_connected: fullyConnectedRunner,
  modulated_conv2d: modulatedRunner,
  interpolate: interpolateRunner,
  instance_norm: instanceNormRunner,
  minibatch_std: minibatchStdRunner,
  normalize_2nd_moment: normalizeRunner,
  grid_sample: gridSampleRunner,
  adam: adamRunner,
};
