import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { bindings, elementwise, elementwiseProgram } from './elementwise.js';
import type { Program } from './pipelines.js';
import { combineRows, ownRows, planSums, THREADS, type Width, WIDTHS } from './workgroupSums.js';

/** Samples that share a reading of the weights. */
const TOGETHER = 4;
/** Filters of 128 and fewer channels take one pass. */
const LEAST_ROWS = 64;
const each = (visit: (sample: number) => string): string => Array.from({ length: TOGETHER }, (_, sample) => visit(sample)).join('\n  ');

/** Σ (w·s)² of each output channel over a chunk of the filter's taps and input channels, for four samples; with one chunk 1/√(… + ε). */
const source = (lanes: 1 | 4, width: Width): string => /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({
    inputs: ['weight', 'styles'], outputs: ['y'], types: { styles: 'f32' },
    ints: ['samples', 'rows', 'columns', 'tiles', 'chunks', 'inner', 'batch'], floats: ['epsilon'],
  })}
var<workgroup> part: array<T, ${THREADS}>;

// A style, zero beyond the batch.
fn style(sample: i32, channel: i32) -> f32 {
  return select(0.0, styles[min(sample, params.batch - 1) * params.inner + channel], sample < params.batch);
}
fn put(sample: i32, at: i32, square: T) {
  if (sample >= params.batch) { return; }
  y[sample * params.chunks * params.columns + at] = select(square, inverseSqrt(square + T(params.epsilon)), params.chunks == 1);
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  ${ownRows(width)}
  ${each((j) => `var sum${j} = T(0);`)}
  if (valid) {
    for (var row = first; row < end; row += ${THREADS / width}) {
      let w = weight[row * params.columns + column];
      let square = w * w;
      ${each((j) => `let s${j} = style(n * ${TOGETHER} + ${j}, row % params.inner); sum${j} += square * (s${j} * s${j});`)}
    }
  }
  let at = chunk * params.columns + column;
  ${each((j) => `${combineRows(`sum${j}`, width)}
  if (valid && local < ${width}) { put(n * ${TOGETHER} + ${j}, at, part[local]); }`)}
}`;

const program = (lanes: 1 | 4, width: Width): Program => ({ label: `demodulation${lanes}_${width}`, code: () => source(lanes, width) });

const merge = (lanes: 1 | 4) => elementwiseProgram('demodulationMerge', lanes, {
  inputs: ['parts'],
  outputs: ['y'],
  ints: ['columns', 'chunks'],
  floats: ['epsilon'],
  body: /* wgsl */ `
  let first = i / params.columns * params.chunks * params.columns + i % params.columns;
  var square = T(params.epsilon);
  for (var k = 0; k < params.chunks; k++) { square += parts[first + k * params.columns]; }
  y[i] = inverseSqrt(square);`,
});
const merges = { 1: merge(1), 4: merge(4) } as const;

/** What is checked when the backend is activated. */
export const DEMODULATION_PROGRAMS: readonly Program[] =
  [...([1, 4] as const).flatMap((lanes) => WIDTHS.map((width) => program(lanes, width))), merges[1], merges[4]];

/** DEMODULATION: one pass, two for large filters. weight [kh,kw,I,O], styles [N,I] → [N,O]. */
export function demodulation(gpu: GpuContext, weight: TensorInfo, styles: TensorInfo, epsilon: number): TensorInfo {
  const [kh, kw, I, O] = weight.shape as [number, number, number, number];
  const N = styles.shape[0]!;
  const [samples, rows] = [Math.ceil(N / TOGETHER), kh * kw * I];
  const { lanes, columns, width, tiles, chunks } = planSums(gpu, [samples, rows, O], LEAST_ROWS);
  const out = gpu.output([N, O]);
  const parts = chunks === 1 ? out : gpu.output([N, chunks, O]);
  gpu.run({
    program: program(lanes, width), inputs: [weight, styles], outputs: [parts],
    ints: [samples, rows, columns, tiles, chunks, I, N], floats: [epsilon], groups: samples * tiles * chunks,
  });
  if (chunks > 1) {
    elementwise(gpu, merges[lanes], { lanes, size: N * O, inputs: [parts], outputs: [out], ints: [columns, chunks], floats: [epsilon] });
    gpu.free(parts);
  }
  return out;
}
