import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { GROUP } from './elementwise.js';
import type { GpuBinding } from './gpuTypes.js';
import { GROUP_INDEX } from './grid.js';
import { batchesBy, entriesOf, findItem, listTable } from './listTable.js';
import { movingAverage } from './movingAverage.js';
import type { Program } from './pipelines.js';

/** Tensors that one dispatch averages at most. */
const CAPACITY = 256;

const code = (): string => /* wgsl */ `
struct Params { table: array<vec4i, ${2 * CAPACITY}>, count: i32, beta: f32 }
@group(0) @binding(0) var<storage, read> averages: array<vec4f>;
@group(0) @binding(1) var<storage, read> news: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> nexts: array<vec4f>;
@group(0) @binding(3) var<uniform> params: Params;
${GROUP_INDEX}
${findItem(2)}
@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let own = groupIndex(group, groups);
  let item = findItem(own);
  let head = params.table[2 * item];
  let places = params.table[2 * item + 1];
  let i = (own - head.x) * ${GROUP} + i32(local);
  if (i >= head.y) { return; }
  let now = news[places.y + i];
  nexts[places.z + i] = now + (averages[places.x + i] - now) * params.beta;
}`;
const program: Program = { label: 'movingAverages', code };

/** What is checked when the backend is activated, besides the moving average's own. */
export const MOVING_AVERAGES_PROGRAMS = [program];

interface Pair {
  readonly average: TensorInfo;
  readonly now: TensorInfo;
  readonly next: TensorInfo;
  /** Where all three lie. */
  readonly places?: readonly GpuBinding[];
}

/** MOVING_AVERAGES: one pass for all tensors that lie in the same buffers, as those of the last steps do; one for each other. */
export function movingAverages(gpu: GpuContext, list: readonly TensorInfo[], beta: number): TensorInfo[] {
  const nows = list.filter((_, i) => i % 2 === 1);
  const nexts = gpu.arenas.create(nows.map(({ shape }) => [shape])).flat();
  const pairs = nows.map((now, i): Pair => {
    const [average, next] = [list[2 * i]!, nexts[i]!];
    const places = [average, now, next].map((tensor) => gpu.arenas.sliceOf(tensor));
    return { average, now, next, ...(places.every((place) => place !== null) && { places }) };
  });
  for (const { average, now, next } of pairs.filter(({ places }) => !places)) movingAverage(gpu, { average, now, next }, beta);
  for (const batch of batchesBy(pairs.filter(({ places }) => places), ({ places }) => places!.map(({ buffer }) => buffer), CAPACITY)) {
    const [averages, news, out] = batch[0]!.places!.map(({ buffer }) => ({ buffer }));
    const { ints, groups } = listTable(batch.map(({ now, places }) => ({ entries: entriesOf(now), places: [places!] })), CAPACITY);
    gpu.run({
      program, inputs: [averages!, news!], outputs: [out!], within: batch.flatMap(({ average, now, next }) => [average, now, next]),
      ints, floats: [beta], changing: true, groups,
    });
  }
  return nexts;
}
