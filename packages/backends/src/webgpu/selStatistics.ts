import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { bindings, elementwise, elementwiseProgram } from './elementwise.js';
import type { Program } from './pipelines.js';
import { combineRows, ownRows, planSums, THREADS, type Width, WIDTHS } from './workgroupSums.js';

/** Mean and sum of squared deviations (with one chunk: 1/σ) of each column over a chunk of rows, in two passes over the chunk. */
const source = (lanes: 1 | 4, width: Width): string => /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({ inputs: ['x'], outputs: ['y'], ints: ['samples', 'rows', 'columns', 'tiles', 'chunks'], floats: ['epsilon'] })}
var<workgroup> part: array<T, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  ${ownRows(width)}
  let count = f32(max(1, end - chunk * share));
  var sum = T(0);
  if (valid) {
    for (var row = first; row < end; row += ${THREADS / width}) { sum += x[(n * params.rows + row) * params.columns + column]; }
  }
  ${combineRows('sum', width)}
  let mean = part[local % ${width}] / count;
  var square = T(0);
  if (valid) {
    for (var row = first; row < end; row += ${THREADS / width}) {
      let d = x[(n * params.rows + row) * params.columns + column] - mean;
      square += d * d;
    }
  }
  ${combineRows('square', width)}
  if (!valid || local >= ${width}) { return; }
  let at = (n * params.chunks + chunk) * 2 * params.columns + column;
  y[at] = mean;
  y[at + params.columns] = select(part[local], inverseSqrt(part[local] / count + T(params.epsilon)), params.chunks == 1);
}`;

const program = (lanes: 1 | 4, width: Width): Program => ({ label: `selStatistics${lanes}_${width}`, code: () => source(lanes, width) });

/** The statistics of chunks of rows made into those of all rows. */
const merge = (lanes: 1 | 4) => elementwiseProgram('selMerge', lanes, {
  inputs: ['parts'],
  outputs: ['y'],
  ints: ['rows', 'columns', 'chunks'],
  floats: ['epsilon'],
  body: /* wgsl */ `
  let column = i % params.columns;
  let n = i / params.columns;
  let share = (params.rows + params.chunks - 1) / params.chunks;
  var mean = T(0);
  for (var k = 0; k < params.chunks; k++) {
    let count = f32(clamp(params.rows - k * share, 0, share));
    mean += parts[(n * params.chunks + k) * 2 * params.columns + column] * count;
  }
  mean /= f32(params.rows);
  var square = T(0);
  for (var k = 0; k < params.chunks; k++) {
    let count = f32(clamp(params.rows - k * share, 0, share));
    let at = (n * params.chunks + k) * 2 * params.columns + column;
    let d = parts[at] - mean;
    square += select(T(0), parts[at + params.columns] + d * d * count, count > 0);
  }
  y[n * 2 * params.columns + column] = mean;
  y[(n * 2 + 1) * params.columns + column] = inverseSqrt(square / f32(params.rows) + T(params.epsilon));`,
});
const merges = { 1: merge(1), 4: merge(4) } as const;

/** What is checked when the backend is activated. */
export const SEL_STATISTICS_PROGRAMS: readonly Program[] =
  [...([1, 4] as const).flatMap((lanes) => WIDTHS.map((width) => program(lanes, width))), merges[1], merges[4]];

/** Mean and 1/√(variance + ε) of each channel over the pixels: x [N,h,w,C] → [N,2,C]; one pass, two for large images. */
export function selStatistics(gpu: GpuContext, x: TensorInfo, epsilon: number): TensorInfo {
  const [samples, h, w, C] = x.shape as [number, number, number, number];
  const rows = h * w;
  const { lanes, columns, width, tiles, chunks } = planSums(gpu, [samples, rows, C]);
  const parts = gpu.output([samples, chunks, 2, C]);
  gpu.run({
    program: program(lanes, width), inputs: [x], outputs: [parts],
    ints: [samples, rows, columns, tiles, chunks], floats: [epsilon], groups: samples * tiles * chunks,
  });
  if (chunks === 1) return parts;
  const whole = gpu.output([samples, 2, C]);
  elementwise(gpu, merges[lanes], { lanes, size: samples * C, inputs: [parts], outputs: [whole], ints: [rows, columns, chunks], floats: [epsilon] });
  gpu.free(parts);
  return whole;
}
