import type { BufferId, Call, Recording, View } from './recordCalls.js';

/** A recording put in order for running parts of it again and again. */
export interface PlanGraph {
  /** Calls that an output needs, in order. */
  readonly calls: readonly Call[];
  /** Indices of the calls that read a buffer, once each. */
  readonly readers: ReadonlyMap<BufferId, readonly number[]>;
  /** Indices of the calls that depend on an input. */
  readonly dependents: ReadonlyMap<string, readonly number[]>;
  /** Indices of the calls that an output needs. */
  readonly needed: ReadonlyMap<string, readonly number[]>;
  /**
   * Buffers that must outlive their readers: some reader depends on an input that the buffer does not depend on, so that it may
   * run again alone; inputs, constants and outputs too. All others may go when their last reader has run.
   */
  readonly lasting: ReadonlySet<BufferId>;
}

/** The views that a call reads. */
export const readsOf = ({ inputs }: Call): readonly View[] => Object.values(inputs).filter((view): view is View => Boolean(view));

/** Indices of the calls that the given buffers come from, ascending. */
export function sourcesOf(calls: readonly Call[], wanted: readonly BufferId[]): number[] {
  const open = new Set(wanted);
  const found: number[] = [];
  for (let i = calls.length - 1; i >= 0; i--) {
    const call = calls[i]!;
    if (!call.outputs.some((buffer) => buffer !== null && open.has(buffer))) continue;
    found.push(i);
    for (const { buffer } of readsOf(call)) open.add(buffer);
  }
  return found.reverse();
}

/** For every call a bit per input that it depends on. */
function dependencies(calls: readonly Call[], inputs: Recording['inputs']): { readonly ofCall: readonly bigint[]; readonly ofBuffer: ReadonlyMap<BufferId, bigint> } {
  const ofBuffer = new Map([...inputs.values()].map((buffer, i) => [buffer, 1n << BigInt(i)]));
  const ofCall = calls.map((call) => {
    const mask = readsOf(call).reduce((all, { buffer }) => all | (ofBuffer.get(buffer) ?? 0n), 0n);
    for (const buffer of call.outputs) if (buffer !== null) ofBuffer.set(buffer, mask);
    return mask;
  });
  return { ofCall, ofBuffer };
}

/** Arranges a recording; calls that no output needs are left out. */
export function planGraph(recording: Recording): PlanGraph {
  const { inputs, outputs, constants } = recording;
  const wanted = [...outputs.values()].map(({ buffer }) => buffer);
  const calls = sourcesOf(recording.calls, wanted).map((i) => recording.calls[i]!);
  const { ofCall, ofBuffer } = dependencies(calls, inputs);
  const readers = new Map<BufferId, number[]>();
  calls.forEach((call, i) => {
    for (const buffer of new Set(readsOf(call).map((view) => view.buffer))) readers.set(buffer, [...(readers.get(buffer) ?? []), i]);
  });
  const frontier = [...readers].filter(([buffer, indices]) => indices.some((i) => ofCall[i] !== ofBuffer.get(buffer))).map(([buffer]) => buffer);
  const dependents = [...inputs.keys()].map((name, bit) => {
    const indices = calls.map((_, i) => i).filter((i) => (ofCall[i]! >> BigInt(bit)) & 1n);
    return [name, indices] as const;
  });
  return {
    calls, readers,
    dependents: new Map(dependents),
    needed: new Map([...outputs].map(([name, { buffer }]) => [name, sourcesOf(calls, [buffer])])),
    lasting: new Set([...frontier, ...wanted, ...inputs.values(), ...constants.keys()]),
  };
}
