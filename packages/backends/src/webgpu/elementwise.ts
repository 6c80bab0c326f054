import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { GROUP_INDEX } from './grid.js';
import type { Program } from './pipelines.js';

/** Invocations of a workgroup of the elementwise kernels. */
export const GROUP = 256;

/** A kernel that computes entry i of its outputs from entries of its inputs. */
export interface ElementwiseSource {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Members of `params`; `size`, the number of entries, comes first. */
  readonly ints?: readonly string[];
  readonly floats?: readonly string[];
  /** WGSL; `i` is the entry and T its type, f32 or vec4f. */
  readonly body: string;
  /** WGSL before `main`. */
  readonly functions?: string;
  /** Element types that are not T. */
  readonly types?: Readonly<Record<string, string>>;
}

/** WGSL of the bindings of named arrays, in order, with the uniforms last. */
export function bindings({ inputs, outputs, ints = [], floats = [], types = {} }: Omit<ElementwiseSource, 'body'>): string {
  const array = (name: string, i: number, mode: string): string =>
    `@group(0) @binding(${i}) var<storage, ${mode}> ${name}: array<${types[name] ?? 'T'}>;`;
  return [
    ...inputs.map((name, i) => array(name, i, 'read')),
    ...outputs.map((name, i) => array(name, inputs.length + i, 'read_write')),
    `struct Params { ${[...ints.map((name) => `${name}: i32`), ...floats.map((name) => `${name}: f32`)].join(', ')} }`,
    `@group(0) @binding(${inputs.length + outputs.length}) var<uniform> params: Params;`,
    GROUP_INDEX,
  ].join('\n');
}

/** The program of a source, one or four entries at a time. */
export function elementwiseProgram(name: string, lanes: 1 | 4, source: ElementwiseSource): Program {
  const code = (): string => /* wgsl */ `
alias T = ${lanes === 4 ? 'vec4f' : 'f32'};
${bindings({ ...source, ints: ['size', ...source.ints ?? []] })}
${source.functions ?? ''}
@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = groupIndex(group, groups) * ${GROUP} + i32(local);
  if (i >= params.size) { return; }
  ${source.body}
}`;
  return { label: `${name}${lanes}`, code };
}

/** How many entries at a time: four where every row (or the whole) divides by it. */
export const lanesOf = (size: number, columns = size): 1 | 4 => (size % 4 === 0 && columns % 4 === 0 ? 4 : 1);

/** Runs an elementwise program over `size` entries. */
export function elementwise(gpu: GpuContext, program: Program, call: {
  readonly lanes: 1 | 4; readonly size: number; readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[];
  readonly ints?: readonly number[]; readonly floats?: readonly number[]; readonly changing?: boolean;
}): void {
  const { lanes, size, inputs, outputs, ints = [], floats = [], changing = false } = call;
  gpu.run({ program, inputs, outputs, ints: [size / lanes, ...ints], floats, changing, groups: Math.ceil(size / lanes / GROUP) });
}
