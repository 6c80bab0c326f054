import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { bindings } from './elementwise.js';
import type { Program } from './pipelines.js';
import { sumRows } from './sumRows.js';
import { combineRows, ownRows, planSums, THREADS, type Width, WIDTHS } from './workgroupSums.js';

/** dx = dy · scale, and Σ dy · x over a chunk of pixels. */
const source = (lanes: 1 | 4, width: Width): string => /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({ inputs: ['x', 'scale', 'dy'], outputs: ['dx', 'dscale'], ints: ['samples', 'rows', 'columns', 'tiles', 'chunks'] })}
var<workgroup> part: array<T, ${THREADS}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  ${ownRows(width)}
  var sum = T(0);
  if (valid) {
    let factor = scale[n * params.columns + column];
    for (var row = first; row < end; row += ${THREADS / width}) {
      let at = (n * params.rows + row) * params.columns + column;
      let d = dy[at];
      dx[at] = d * factor;
      sum += d * x[at];
    }
  }
  ${combineRows('sum', width)}
  if (valid && local < ${width}) { dscale[(n * params.chunks + chunk) * params.columns + column] = part[local]; }
}`;

const program = (lanes: 1 | 4, width: Width): Program => ({ label: `scaleChannelsGrad${lanes}_${width}`, code: () => source(lanes, width) });

/** What is checked when the backend is activated. */
export const SCALE_CHANNELS_GRAD_PROGRAMS: readonly Program[] = ([1, 4] as const).flatMap((lanes) => WIDTHS.map((width) => program(lanes, width)));

/** SCALE_CHANNELS_GRAD, [x, scale]: one pass, a second for the sums of large images. */
export function scaleChannelsGrad(
  gpu: GpuContext, { x, scale, dy }: { readonly x: TensorInfo; readonly scale: TensorInfo; readonly dy: TensorInfo },
): TensorInfo[] {
  const [samples, h, w, C] = x.shape as [number, number, number, number];
  const rows = h * w;
  const { lanes, columns, width, tiles, chunks } = planSums(gpu, [samples, rows, C]);
  const [dx, dscale] = [gpu.output(x.shape), gpu.output(scale.shape)];
  const parts = chunks === 1 ? dscale : gpu.output([samples, chunks, C]);
  gpu.run({
    program: program(lanes, width), inputs: [x, scale, dy], outputs: [dx, parts],
    ints: [samples, rows, columns, tiles, chunks], groups: samples * tiles * chunks,
  });
  if (chunks > 1) {
    sumRows(gpu, parts, dscale, { samples, rows: chunks, columns: C });
    gpu.free(parts);
  }
  return [dx, dscale];
}
