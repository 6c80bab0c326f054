import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { MinibatchStdAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { bindings, elementwise, elementwiseProgram, GROUP } from './elementwise.js';
import type { Program } from './pipelines.js';

/** WGSL: mean and variance over the samples of a group, m mod M, of an entry of an image. */
const moments = /* wgsl */ `
fn momentsOf(m: i32, entry: i32) -> vec2f {
  var mean = 0.0;
  for (var g = 0; g < params.group; g++) { mean += x[(g * params.groups + m) * params.entries + entry]; }
  mean /= f32(params.group);
  var square = 0.0;
  for (var g = 0; g < params.group; g++) {
    let d = x[(g * params.groups + m) * params.entries + entry] - mean;
    square += d * d;
  }
  return vec2f(mean, square / f32(params.group));
}`;

/** WGSL: leaves the sum of a variable over the workgroup in `part[0]`. */
const combine = (variable: string): string => /* wgsl */ `
  part[local] = ${variable};
  workgroupBarrier();
  for (var half = ${GROUP / 2}u; half >= 1; half /= 2) {
    if (local < half) { part[local] += part[local + half]; }
    workgroupBarrier();
  }`;

const INTS = ['groups', 'group', 'entries', 'pixels', 'columns', 'features'] as const;

/** A workgroup sums up each statistic, [M,F]: the standard deviations of its channels, or the gradients of its copies. */
const statistics = (name: string, input: string, sum: string): Program => ({
  label: name,
  code: () => /* wgsl */ `
alias T = f32;
${bindings({ inputs: [input], outputs: ['y'], ints: INTS, floats: ['epsilon', 'share'] })}
var<workgroup> part: array<f32, ${GROUP}>;
${input === 'x' ? moments : ''}
@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) place: vec3u, @builtin(num_workgroups) places: vec3u, @builtin(local_invocation_index) local: u32) {
  let own = groupIndex(place, places);
  if (own >= params.groups * params.features) { return; }
  let m = own / params.features;
  let feature = own % params.features;
  let across = params.columns / params.features;
  var sum = 0.0;
  ${sum}
  ${combine('sum')}
  if (local == 0) { y[own] = part[0] * params.share; }
}`,
});

const forwardSums = statistics('minibatchStdSums', 'x', /* wgsl */ `
  for (var e = i32(local); e < params.pixels * across; e += ${GROUP}) {
    sum += sqrt(momentsOf(m, e / across * params.columns + feature * across + e % across).y + params.epsilon);
  }`);
const backwardSums = statistics('minibatchStdGradSums', 'dy', /* wgsl */ `
  for (var e = i32(local); e < params.pixels * params.group; e += ${GROUP}) {
    let sample = e / params.pixels * params.groups + m;
    sum += dy[(sample * params.pixels + e % params.pixels) * (params.columns + params.features) + params.columns + feature];
  }`);

const append = elementwiseProgram('minibatchStd', 1, {
  inputs: ['x', 'statistics'],
  outputs: ['y'],
  ints: INTS,
  body: /* wgsl */ `
  let all = params.columns + params.features;
  let column = i % all;
  let pixel = i / all;
  if (column < params.columns) { y[i] = x[pixel * params.columns + column]; return; }
  y[i] = statistics[pixel / params.pixels % params.groups * params.features + column - params.columns];`,
});

/** dx = dy + (gradient of the statistic) · (x - mean) / (G · σ · entries of the statistic); the share is in the statistic already. */
const spread = elementwiseProgram('minibatchStdGrad', 1, {
  inputs: ['x', 'dy', 'statistics'],
  outputs: ['dx'],
  ints: INTS,
  floats: ['epsilon'],
  functions: moments,
  body: /* wgsl */ `
  let column = i % params.columns;
  let m = i / params.entries % params.groups;
  let about = momentsOf(m, i % params.entries);
  let slope = statistics[m * params.features + column / (params.columns / params.features)];
  dx[i] = dy[i / params.columns * (params.columns + params.features) + column] + slope * (x[i] - about.x) * inverseSqrt(about.y + params.epsilon);`,
});

/** What is checked when the backend is activated. */
export const MINIBATCH_STD_PROGRAMS: readonly Program[] = [forwardSums, append];
/** The same for the gradient. */
export const MINIBATCH_STD_GRAD_PROGRAMS: readonly Program[] = [backwardSums, spread];

function planOf({ shape }: TensorInfo, { groupSize, numChannels }: MinibatchStdAttrs) {
  const [N, h, w, C] = shape as [number, number, number, number];
  const M = N / groupSize;
  return { M, ints: [M, groupSize, h * w * C, h * w, C, numChannels], of: h * w * C / numChannels } as const;
}

/** MINIBATCH_STD: the statistics, and a pass that appends them. */
export function minibatchStd(gpu: GpuContext, x: TensorInfo, attrs: MinibatchStdAttrs): TensorInfo {
  const { numChannels: F, epsilon } = attrs;
  const { M, ints, of } = planOf(x, attrs);
  const stats = gpu.output([M, F]);
  gpu.run({ program: forwardSums, inputs: [x], outputs: [stats], ints, floats: [epsilon, 1 / of], groups: M * F });
  const out = gpu.output([...x.shape.slice(0, 3), x.shape[3]! + F]);
  elementwise(gpu, append, { lanes: 1, size: util.sizeFromShape(out.shape), inputs: [x, stats], outputs: [out], ints });
  gpu.free(stats);
  return out;
}

/** MINIBATCH_STD_GRAD, [x]: the gradients of the statistics, and a pass that spreads them. */
export function minibatchStdGrad(gpu: GpuContext, { x, dy }: { readonly x: TensorInfo; readonly dy: TensorInfo }, attrs: MinibatchStdAttrs): TensorInfo[] {
  const { groupSize, numChannels: F, epsilon } = attrs;
  const { M, ints, of } = planOf(x, attrs);
  const stats = gpu.output([M, F]);
  gpu.run({ program: backwardSums, inputs: [dy], outputs: [stats], ints, floats: [epsilon, 1 / (of * groupSize)], groups: M * F });
  const dx = gpu.output(x.shape);
  elementwise(gpu, spread, { lanes: 1, size: util.sizeFromShape(x.shape), inputs: [x, dy, stats], outputs: [dx], ints, floats: [epsilon] });
  gpu.free(stats);
  return [dx];
}
