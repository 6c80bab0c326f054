import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { AdamAttrs } from '@spatialgan/ops';
import { adam, ADAM_FLOATS, adamFloats, finiteGradient } from './adam.js';
import type { GpuContext } from './context.js';
import { GROUP } from './elementwise.js';
import type { GpuBinding } from './gpuTypes.js';
import { GROUP_INDEX } from './grid.js';
import { batchesBy, entriesOf, findItem, listTable } from './listTable.js';
import type { Program } from './pipelines.js';

/** More gradients than this gain nothing more. */
const MOST = 14;

/** Gradients that one dispatch reads: each is a binding, and the parameters and moments before and after are two more. */
const capacityOf = ({ storageBuffers }: GpuContext): number => Math.min(MOST, storageBuffers - 2);

const code = (capacity: number): string => /* wgsl */ `
alias T = vec4f;
struct Params { table: array<vec4i, ${3 * capacity}>, count: i32, repair: i32, ${ADAM_FLOATS.map((name) => `${name}: f32`).join(', ')} }
@group(0) @binding(0) var<storage, read> before: array<vec4f>;
${Array.from({ length: capacity }, (_, k) => `@group(0) @binding(${k + 1}) var<storage, read> grad${k}: array<u32>;`).join('\n')}
@group(0) @binding(${capacity + 1}) var<storage, read_write> next: array<vec4f>;
@group(0) @binding(${capacity + 2}) var<uniform> params: Params;
${GROUP_INDEX}
${findItem(3)}
${finiteGradient('vec4u')}
// Four entries of an item's gradient; behind its end the last one again, which nobody reads.
fn bitsOf(item: i32, at: vec4i) -> vec4u {
  switch (item) {
    ${Array.from({ length: capacity }, (_, k) =>
      `${k === capacity - 1 ? 'default' : `case ${k}`}: { return vec4u(grad${k}[at.x], grad${k}[at.y], grad${k}[at.z], grad${k}[at.w]); }`).join('\n    ')}
  }
}
@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let own = groupIndex(group, groups);
  let item = findItem(own);
  let head = params.table[3 * item];
  let old = params.table[3 * item + 1];
  let made = params.table[3 * item + 2];
  let i = (own - head.x) * ${GROUP} + i32(local);
  if (i >= head.y) { return; }
  let g = finite(bitsOf(item, min(vec4i(4 * i) + vec4i(0, 1, 2, 3), vec4i(head.z - 1))));
  let mean = before[old.y + i] * params.beta1 + g * params.share1;
  let square = before[old.z + i] * params.beta2 + g * g * params.share2;
  next[made.y + i] = mean;
  next[made.z + i] = square;
  next[made.x + i] = before[old.x + i] - mean / (sqrt(square * params.scale) + params.eps) * params.rate;
}`;

const program = (capacity: number): Program => ({ label: `adamSteps${capacity}`, code: () => code(capacity) });

/** What is checked when the backend is activated, besides Adam's own. */
export const adamStepsPrograms = (gpu: GpuContext): readonly Program[] => [program(capacityOf(gpu))];

interface Step {
  /** param, m, v. */
  readonly before: readonly TensorInfo[];
  readonly grad: TensorInfo;
  readonly next: readonly TensorInfo[];
  /** Where all of `before` and `next` lie, each in one buffer. */
  readonly places?: readonly (readonly GpuBinding[])[];
}

function placesOf({ arenas }: GpuContext, tensors: readonly TensorInfo[]): readonly GpuBinding[] | null {
  const slices = tensors.map((tensor) => arenas.sliceOf(tensor));
  return slices.every((slice) => slice !== null && slice.buffer === slices[0]!.buffer) ? slices as GpuBinding[] : null;
}

/**
 * ADAM_STEPS: parameters and moments of the next step lie in one buffer, and where those of the last do, a dispatch does as
 * many parameters as the device has bindings for their gradients; otherwise one. Lists of [param, grad, m, v, …] → [param, m, v, …].
 */
export function adamSteps(gpu: GpuContext, list: readonly TensorInfo[], attrs: AdamAttrs): TensorInfo[] {
  const params = list.filter((_, i) => i % 4 === 0);
  const nexts = gpu.arenas.create(params.map(({ shape }) => [shape, shape, shape]));
  const steps = params.map((param, i): Step => {
    const [, grad, m, v] = list.slice(4 * i, 4 * i + 4) as [TensorInfo, TensorInfo, TensorInfo, TensorInfo];
    const [before, next] = [[param, m, v], nexts[i]!];
    const [from, to] = [placesOf(gpu, before), placesOf(gpu, next)];
    return { before, grad, next, ...(from && to && { places: [from, to] }) };
  });
  for (const { before: [param, m, v], grad, next } of steps.filter(({ places }) => !places)) adam(gpu, { param: param!, grad, m: m!, v: v! }, attrs, next);
  const capacity = capacityOf(gpu);
  for (const batch of batchesBy(steps.filter(({ places }) => places), ({ places }) => places!.map(([first]) => first!.buffer), capacity)) {
    const [before, out] = batch[0]!.places!.map(([first]) => ({ buffer: first!.buffer }));
    const { ints, groups } = listTable(batch.map(({ grad, places }) => ({ entries: entriesOf(grad), places: places! })), capacity);
    const grads = Array.from({ length: capacity }, (_, k) => (batch[k] ?? batch[0]!).grad);
    gpu.run({
      program: program(capacity), inputs: [before!, ...grads], outputs: [out!], within: batch.flatMap((step) => [...step.before, ...step.next]),
      ints: [...ints, attrs.infinite === undefined ? 0 : 1], floats: adamFloats(attrs), changing: true, groups,
    });
  }
  return nexts.flat();
}
