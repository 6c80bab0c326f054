import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { demodulation } from './demodulation.js';
import { bindings, GROUP, lanesOf } from './elementwise.js';
import type { Program } from './pipelines.js';

// With d = (Σ (w·s)² + ε)^-½ and g = -dy · d³: dw = w · Σ g · s² over the samples, ds = s · Σ g · w² over taps and output channels.
// The first workgroups make dw, entry by entry; each of the others makes one entry of ds.

const source = (lanes: 1 | 4): string => /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({
    inputs: ['weight', 'styles', 'dy', 'd'], outputs: ['dweight', 'dstyles'], types: { styles: 'f32', dstyles: 'f32' },
    ints: ['size', 'weightGroups', 'batch', 'taps', 'inner', 'columns'],
  })}
var<workgroup> part: array<f32, ${GROUP}>;

fn slope(at: i32) -> T {
  return -dy[at] * d[at] * d[at] * d[at];
}
fn byWeight(i: i32) {
  if (i >= params.size) { return; }
  let channel = i / params.columns % params.inner;
  var sum = T(0);
  for (var n = 0; n < params.batch; n++) {
    let s = styles[n * params.inner + channel];
    sum += slope(n * params.columns + i % params.columns) * (s * s);
  }
  dweight[i] = weight[i] * sum;
}

@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let own = groupIndex(group, groups);
  if (own < params.weightGroups) {
    byWeight(own * ${GROUP} + i32(local));
    return;
  }
  let entry = own - params.weightGroups;
  if (entry >= params.batch * params.inner) { return; }
  let n = entry / params.inner;
  let channel = entry % params.inner;
  var sum = T(0);
  for (var e = i32(local); e < params.taps * params.columns; e += ${GROUP}) {
    let column = e % params.columns;
    let w = weight[(e / params.columns * params.inner + channel) * params.columns + column];
    sum += slope(n * params.columns + column) * (w * w);
  }
  part[local] = ${lanes === 4 ? 'dot(sum, T(1))' : 'sum'};
  workgroupBarrier();
  for (var half = ${GROUP / 2}u; half >= 1; half /= 2) {
    if (local < half) { part[local] += part[local + half]; }
    workgroupBarrier();
  }
  if (local == 0) { dstyles[entry] = part[0] * styles[entry]; }
}`;

const program = (lanes: 1 | 4): Program => ({ label: `demodulationGrad${lanes}`, code: () => source(lanes) });
const programs = { 1: program(1), 4: program(4) } as const;

/** What is checked when the backend is activated, besides the demodulation's own. */
export const DEMODULATION_GRAD_PROGRAMS: readonly Program[] = [programs[1], programs[4]];

/** DEMODULATION_GRAD, [weight, styles]: the demodulation again, then one pass for both. */
export function demodulationGrad(
  gpu: GpuContext, { weight, styles, dy }: { readonly weight: TensorInfo; readonly styles: TensorInfo; readonly dy: TensorInfo }, epsilon: number,
): TensorInfo[] {
  const [kh, kw, I, O] = weight.shape as [number, number, number, number];
  const N = styles.shape[0]!;
  const d = demodulation(gpu, weight, styles, epsilon);
  const outputs = [weight, styles].map(({ shape }) => gpu.output(shape));
  const lanes = lanesOf(O);
  const size = util.sizeFromShape(weight.shape) / lanes;
  const weightGroups = Math.ceil(size / GROUP);
  gpu.run({
    program: programs[lanes], inputs: [weight, styles, dy, d], outputs,
    ints: [size, weightGroups, N, kh * kw, I, O / lanes], groups: weightGroups + N * I,
  });
  gpu.free(d);
  return outputs;
}
