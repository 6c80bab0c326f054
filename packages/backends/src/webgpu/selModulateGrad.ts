import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { bindings } from './elementwise.js';
import type { Program } from './pipelines.js';
import { selStatistics } from './selStatistics.js';
import { sumRows } from './sumRows.js';
import { combineRows, ownRows, planSums, THREADS, type Width, WIDTHS } from './workgroupSums.js';

// With x̂ the normalized features and g = dy · scale, dx = (g - mean g - x̂ · mean(g · x̂)) / σ, the means over the pixels of a
// channel; dscale = Σ dy · x̂ and dshift = Σ dy over the channels of a pixel.

/** Σ g and Σ g · x̂ over a chunk of pixels. */
const sumsSource = (lanes: 1 | 4, width: Width): string => /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({
    inputs: ['x', 'statistics', 'scale', 'dy'], outputs: ['y'], types: { scale: 'f32' }, ints: ['samples', 'rows', 'columns', 'tiles', 'chunks'],
  })}
var<workgroup> part: array<T, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  ${ownRows(width)}
  var sum = T(0);
  var product = T(0);
  if (valid) {
    let mean = statistics[n * 2 * params.columns + column];
    let rate = statistics[(n * 2 + 1) * params.columns + column];
    for (var row = first; row < end; row += ${THREADS / width}) {
      let pixel = n * params.rows + row;
      let g = dy[pixel * params.columns + column] * scale[pixel];
      sum += g;
      product += g * (x[pixel * params.columns + column] - mean) * rate;
    }
  }
  let at = (n * params.chunks + chunk) * 2 * params.columns + column;
  ${combineRows('sum', width)}
  if (valid && local < ${width}) { y[at] = part[local]; }
  ${combineRows('product', width)}
  if (valid && local < ${width}) { y[at + params.columns] = part[local]; }
}`;

/** Invocations that share a pixel, side by side along the channels. */
const ACROSS = 16;
const PIXELS = THREADS / ACROSS;

const applySource = (lanes: 1 | 4): string => /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({
    inputs: ['x', 'statistics', 'scale', 'dy', 'sums'], outputs: ['dx', 'dscale', 'dshift'], types: { scale: 'f32', dscale: 'f32', dshift: 'f32' },
    ints: ['size', 'rows', 'columns'],
  })}
var<workgroup> part: array<vec2f, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let pixel = groupIndex(group, groups) * ${PIXELS} + i32(local) / ${ACROSS};
  let across = i32(local) % ${ACROSS};
  var total = vec2f(0);
  if (pixel < params.size) {
    let base = pixel / params.rows * 2 * params.columns;
    let factor = scale[pixel];
    for (var c = across; c < params.columns; c += ${ACROSS}) {
      let rate = statistics[base + params.columns + c];
      let normal = (x[pixel * params.columns + c] - statistics[base + c]) * rate;
      let d = dy[pixel * params.columns + c];
      dx[pixel * params.columns + c] = rate * (d * factor - (sums[base + c] + normal * sums[base + params.columns + c]) / f32(params.rows));
      total += ${lanes === 4 ? 'vec2f(dot(d, normal), dot(d, T(1)))' : 'vec2f(d * normal, d)'};
    }
  }
  part[local] = total;
  workgroupBarrier();
  for (var half = ${ACROSS / 2}; half >= 1; half /= 2) {
    if (across < half) { part[local] += part[local + u32(half)]; }
    workgroupBarrier();
  }
  if (pixel >= params.size || across > 0) { return; }
  dscale[pixel] = part[local].x;
  dshift[pixel] = part[local].y;
}`;

const sums = (lanes: 1 | 4, width: Width): Program => ({ label: `selGradSums${lanes}_${width}`, code: () => sumsSource(lanes, width) });
const apply = (lanes: 1 | 4): Program => ({ label: `selModulateGrad${lanes}`, code: () => applySource(lanes) });

/** What is checked when the backend is activated. */
export const SEL_MODULATE_GRAD_PROGRAMS: readonly Program[] =
  [...([1, 4] as const).flatMap((lanes) => WIDTHS.map((width) => sums(lanes, width))), apply(1), apply(4)];

/** SEL_MODULATE_GRAD, [x, scale, shift]: the statistics again, two sums a channel, one pass for the rest. */
export function selModulateGrad(
  gpu: GpuContext, { x, scale, dy }: { readonly x: TensorInfo; readonly scale: TensorInfo; readonly dy: TensorInfo }, epsilon: number,
): TensorInfo[] {
  const [samples, h, w, C] = x.shape as [number, number, number, number];
  const rows = h * w;
  const { lanes, columns, width, tiles, chunks } = planSums(gpu, [samples, rows, C]);
  const statistics = selStatistics(gpu, x, epsilon);
  const parts = gpu.output([samples, chunks, 2, C]);
  gpu.run({
    program: sums(lanes, width), inputs: [x, statistics, scale, dy], outputs: [parts],
    ints: [samples, rows, columns, tiles, chunks], groups: samples * tiles * chunks,
  });
  const whole = chunks === 1 ? parts : gpu.output([samples, 2, C]);
  if (chunks > 1) sumRows(gpu, parts, whole, { samples, rows: chunks, columns: 2 * C });
  const outputs = [x, scale, scale].map(({ shape }) => gpu.output(shape));
  gpu.run({
    program: apply(lanes), inputs: [x, statistics, scale, dy, whole], outputs,
    ints: [samples * rows, rows, columns], groups: Math.ceil(samples * rows / PIXELS),
  });
  for (const made of new Set([statistics, parts, whole])) gpu.free(made);
  return outputs;
}
