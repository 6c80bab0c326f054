import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import { readsOf, sourcesOf } from './planGraph.js';
import type { BufferId, Call, Recording, View } from './recordCalls.js';

/** A recording put in order for computing all of it at each run, stage by stage. */
export interface PassGraph {
  /** The calls of each stage, in order. */
  readonly stages: readonly (readonly Call[])[];
  /** By stage and call: buffers that nothing needs after it. */
  readonly spent: readonly (readonly (readonly BufferId[])[])[];
  /** By output: the buffer that it is a view of. */
  readonly outputs: ReadonlyMap<string, View>;
  /** By stage: buffers of its outputs that no later stage needs. */
  readonly handedOut: readonly (readonly BufferId[])[];
}

const keyOf = ({ kernelName, attrs, inputs }: Pick<Call, 'kernelName' | 'attrs' | 'inputs'>): string =>
  `${kernelName} ${JSON.stringify(attrs satisfies NamedAttrMap)} ${JSON.stringify(inputs)}`;

/**
 * Leaves out what repeats a call of the first stage: where a function computes something for an early output and again for
 * itself, the second computation is the first. Only there: elsewhere a value that is computed twice is not held in between.
 */
function withoutRepeats(calls: readonly Call[], early: ReadonlySet<number>): { readonly calls: readonly Call[]; readonly twin: (view: View) => View } {
  const twins = new Map<BufferId, BufferId>();
  const made = new Map<string, Call>();
  const twin = (view: View): View => (twins.has(view.buffer) ? { ...view, buffer: twins.get(view.buffer)! } : view);
  const kept: Call[] = [];
  calls.forEach((call, i) => {
    const inputs = (Array.isArray(call.inputs)
      ? (call.inputs as readonly View[]).map(twin)
      : Object.fromEntries(Object.entries(call.inputs).map(([name, view]) => [name, view && twin(view as View)]))) as Call['inputs'];
    const renamed = { ...call, inputs };
    const key = keyOf(renamed);
    const first = made.get(key);
    if (first) {
      call.outputs.forEach((buffer, o) => buffer !== null && first.outputs[o] !== null && twins.set(buffer, first.outputs[o]!));
      return;
    }
    if (early.has(i)) made.set(key, renamed);
    kept.push(renamed);
  });
  return { calls: kept, twin };
}

/** Arranges a recording; each of `stages` names the outputs that it gives. Calls that no output needs are left out. */
export function passGraph({ calls: recorded, inputs, outputs: given, constants }: Recording, stages: readonly (readonly string[])[]): PassGraph {
  const buffersOf = (names: readonly string[], of: ReadonlyMap<string, View>): BufferId[] => names.map((name) => of.get(name)!.buffer);
  const early = new Set(stages.length > 1 ? sourcesOf(recorded, buffersOf(stages[0]!, given)) : []);
  const { calls, twin } = early.size > 0 ? withoutRepeats(recorded, early) : { calls: recorded, twin: (view: View) => view };
  const outputs = new Map([...given].map(([name, view]) => [name, twin(view)]));
  const done = new Set<number>();
  const indices = stages.map((names) => {
    const own = sourcesOf(calls, buffersOf(names, outputs)).filter((i) => !done.has(i));
    own.forEach((i) => done.add(i));
    return own;
  });
  const handedOut = stages.map((names) => buffersOf(names, outputs));
  const lent = new Set([...inputs.values(), ...constants.keys()]);
  // From the last call back: whoever reads a buffer first on this way reads it last.
  const needed = new Set<BufferId>(lent);
  const spent: BufferId[][][] = stages.map(() => []);
  const leaving: BufferId[][] = stages.map(() => []);
  for (let s = stages.length - 1; s >= 0; s--) {
    for (const buffer of new Set(handedOut[s])) {
      if (!needed.has(buffer)) leaving[s]!.push(buffer);
      needed.add(buffer);
    }
    spent[s] = [...indices[s]!].reverse().map((i) => {
      const touched = new Set([...calls[i]!.outputs.filter((buffer) => buffer !== null), ...readsOf(calls[i]!).map(({ buffer }) => buffer)]);
      const last = [...touched].filter((buffer) => !needed.has(buffer));
      last.forEach((buffer) => needed.add(buffer));
      return last;
    }).reverse();
  }
  return { stages: indices.map((own) => own.map((i) => calls[i]!)), spent, outputs, handedOut: leaving };
}
