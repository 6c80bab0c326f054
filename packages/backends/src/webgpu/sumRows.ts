import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { bindings } from './elementwise.js';
import type { Program } from './pipelines.js';

const THREADS = 256;
/** Workgroups that keep a GPU busy. */
const ENOUGH = 128;
/** Rows that a thread adds up at least before another workgroup is worth it. */
const LEAST_ROWS = 8;

type Width = 1 | 4 | 16;

/** Halves the rows of `part` until one is left; with one column, whole subgroups at a time. */
function combine(width: Width, subgroups: boolean): string {
  if (subgroups) {
    return /* wgsl */ `
  let lanes = subgroupAdd(sum);
  if (lane == 0) { part[local / laneCount] = lanes; }
  workgroupBarrier();
  sum = T(0);
  if (local == 0) { for (var s = 0u; s < ${THREADS} / laneCount; s++) { sum += part[s]; } }`;
  }
  return /* wgsl */ `
  part[local] = sum;
  workgroupBarrier();
  for (var half = ${THREADS / 2}u; half >= ${width}u; half /= 2) {
    if (local < half) { part[local] += part[local + half]; }
    workgroupBarrier();
  }
  sum = part[local];`;
}

const source = (lanes: 1 | 4, width: Width, subgroups: boolean): string => /* wgsl */ `
${subgroups ? 'enable subgroups;' : ''}
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({ inputs: ['x'], outputs: ['y'], ints: ['samples', 'rows', 'columns', 'tiles', 'chunks'], floats: ['scale'] })}
var<workgroup> part: array<T, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32${
  subgroups ? ', @builtin(subgroup_invocation_id) lane: u32, @builtin(subgroup_size) laneCount: u32' : ''}) {
  var id = groupIndex(group, groups);
  let tile = id % params.tiles; id /= params.tiles;
  let chunk = id % params.chunks;
  let n = id / params.chunks;
  let column = tile * ${width} + i32(local) % ${width};
  let share = (params.rows + params.chunks - 1) / params.chunks;
  let end = min(params.rows, (chunk + 1) * share);
  let valid = n < params.samples && column < params.columns;
  var sum = T(0);
  if (valid) {
    for (var row = chunk * share + i32(local) / ${width}; row < end; row += ${THREADS / width}) {
      sum += x[(n * params.rows + row) * params.columns + column];
    }
  }
  ${combine(width, subgroups)}
  if (valid && local < ${width}) { y[(n * params.chunks + chunk) * params.columns + column] = sum * params.scale; }
}`;

const program = (lanes: 1 | 4, width: Width, subgroups: boolean): Program =>
  ({ label: `sumRows${lanes}_${width}${subgroups ? 'Subgroups' : ''}`, code: () => source(lanes, width, subgroups) });

/** Sums [samples, rows, columns] over rows to [samples, columns], times a factor; one pass, or two where there are many rows. */
export function sumRows(gpu: GpuContext, x: TensorInfo, out: TensorInfo, call: {
  readonly samples: number; readonly rows: number; readonly columns: number; readonly scale?: number;
}): void {
  const { samples, rows, scale = 1 } = call;
  const lanes = call.columns % 4 === 0 ? 4 : 1;
  const columns = call.columns / lanes;
  const width: Width = columns > 4 ? 16 : columns > 1 ? 4 : 1;
  const tiles = Math.ceil(columns / width);
  const chunks = Math.max(1, Math.min(Math.floor(ENOUGH / (samples * tiles)), Math.floor(rows / (THREADS / width * LEAST_ROWS))));
  const target = chunks === 1 ? out : gpu.output([samples, chunks, call.columns]);
  gpu.run({
    program: program(lanes, width, gpu.subgroups && width === 1), inputs: [x], outputs: [target],
    ints: [samples, rows, columns, tiles, chunks], floats: [chunks === 1 ? scale : 1], groups: samples * tiles * chunks,
  });
  if (chunks === 1) return;
  sumRows(gpu, target, out, { samples, rows: chunks, columns: call.columns, scale });
  gpu.free(target);
}

/** What a device may use of these programs. */
export const sumRowsPrograms = (subgroups: boolean): readonly Program[] =>
  ([1, 4] as const).flatMap((lanes) => ([1, 4, 16] as const).map((width) => program(lanes, width, subgroups && width === 1)));
