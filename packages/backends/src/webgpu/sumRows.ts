import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { bindings } from './elementwise.js';
import type { Program } from './pipelines.js';
import { combineRows, ownRows, planSums, THREADS, type Width, WIDTHS } from './workgroupSums.js';

/** With one column: whole subgroups at a time. */
const combineSubgroups = /* wgsl */ `
  let lanes = subgroupAdd(sum);
  if (lane == 0) { part[local / laneCount] = lanes; }
  workgroupBarrier();
  sum = T(0);
  if (local == 0) { for (var s = 0u; s < ${THREADS} / laneCount; s++) { sum += part[s]; } }`;

const source = (lanes: 1 | 4, width: Width, subgroups: boolean): string => /* wgsl */ `
${subgroups ? 'enable subgroups;' : ''}
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({ inputs: ['x'], outputs: ['y'], ints: ['samples', 'rows', 'columns', 'tiles', 'chunks'], floats: ['scale'] })}
var<workgroup> part: array<T, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32${
  subgroups ? ', @builtin(subgroup_invocation_id) lane: u32, @builtin(subgroup_size) laneCount: u32' : ''}) {
  ${ownRows(width)}
  var sum = T(0);
  if (valid) {
    for (var row = first; row < end; row += ${THREADS / width}) {
      sum += x[(n * params.rows + row) * params.columns + column];
    }
  }
  ${subgroups ? combineSubgroups : `${combineRows('sum', width)}\n  sum = part[local];`}
  if (valid && local < ${width}) { y[(n * params.chunks + chunk) * params.columns + column] = sum * params.scale; }
}`;

const program = (lanes: 1 | 4, width: Width, subgroups: boolean): Program =>
  ({ label: `sumRows${lanes}_${width}${subgroups ? 'Subgroups' : ''}`, code: () => source(lanes, width, subgroups) });

/** Sums [samples, rows, columns] over rows to [samples, columns], times a factor; one pass, or two where there are many rows. */
export function sumRows(gpu: GpuContext, x: TensorInfo, out: TensorInfo, call: {
  readonly samples: number; readonly rows: number; readonly columns: number; readonly scale?: number;
}): void {
  const { samples, rows, scale = 1 } = call;
  const { lanes, columns, width, tiles, chunks } = planSums(gpu, [samples, rows, call.columns]);
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
  ([1, 4] as const).flatMap((lanes) => WIDTHS.map((width) => program(lanes, width, subgroups && width === 1)));
