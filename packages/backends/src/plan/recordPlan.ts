import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { createOutputPool } from './outputPool.js';
import { createBuffers } from './planBuffers.js';
import { type PlanGraph, planGraph } from './planGraph.js';
import { preparedCall, type PreparedCall, take } from './preparedCall.js';
import { type BufferId, type DeclareInput, holdOn, recordCalls, type Recording, releaseConstants } from './recordCalls.js';

/** A function turned into a list of kernel calls on the backend that was active, to be run again without tfjs's engine. */
export interface Plan {
  /** Names of the inputs. */
  readonly inputs: readonly string[];
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  /** Kernel calls of a run in which everything changed. */
  readonly calls: number;
  /**
   * Gives an input new numbers. The tensor stays the caller's and may be disposed; what depends on the input is stale until it
   * is run again.
   *
   * @throws SpatialGANError 'SHAPE' when the shape is not the recorded one, 'CONFIG' when there is no such input.
   */
  set(input: string, tensor: Tensor): void;
  /** Kernel calls that {@link run} would make now: those that an output needs and that are stale. */
  stale(output: string): number;
  /** Brings an output up to date. The tensor is the caller's, and shares its memory with the plan until that recomputes it. */
  run(output: string): Tensor;
  /** Frees everything that is kept. Idempotent. */
  dispose(): void;
}

/** Frees constants that only calls read which no output needs. */
function releaseUnread({ constants, outputs }: Recording, { readers }: PlanGraph): void {
  const read = new Set([...readers.keys(), ...[...outputs.values()].map(({ buffer }) => buffer)]);
  for (const [buffer, tensor] of [...constants]) {
    if (read.has(buffer)) continue;
    tensor.dispose();
    constants.delete(buffer);
  }
}

/** A call with what is known of it between runs. */
interface Step extends PreparedCall {
  /** Distinct buffers that it reads and that may be freed. */
  readonly passing: readonly BufferId[];
  stale: boolean;
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

function createPlan(recording: Recording, shapes: ReadonlyMap<string, readonly number[]>): Plan {
  const graph = planGraph(recording);
  releaseUnread(recording, graph);
  const { backend } = engine();
  const steps = graph.calls.map((call): Step => {
    const prepared = preparedCall(call, recording);
    return { ...prepared, passing: [...new Set(prepared.reads.map(({ buffer }) => buffer))].filter((buffer) => !graph.lasting.has(buffer)), stale: true };
  });
  const pool = createOutputPool(backend);
  const buffers = createBuffers(recording, graph, { pool, backend });
  let disposed = false;
  const open = (where: string): void => {
    if (disposed) throw new SpatialGANError('DISPOSED', `plan.${where}: the plan is disposed; record it again`);
  };
  const named = <T>(map: ReadonlyMap<string, T>, name: string, what: string): T => {
    const found = map.get(name);
    if (found === undefined) throw new SpatialGANError('CONFIG', `plan: expected an ${what} of ${[...map.keys()].join(', ')}, got '${name}'`);
    return found;
  };
  const runStep = (step: Step): void => {
    for (const { tensor, buffer } of step.reads) tensor.dataId = buffers.dataOf(buffer);
    const result = step.kernel(step.call);
    const made = Array.isArray(result) ? result : [result];
    step.outputs.forEach((buffer, i) => {
      const dataId = take(made[i]!, backend);
      if (buffer === null) backend.disposeData(dataId);
      else buffers.put(buffer, dataId);
    });
    step.stale = false;
    for (const buffer of step.passing) buffers.read(buffer);
  };
  return {
    inputs: [...recording.inputs.keys()],
    outputs: [...recording.outputs.keys()],
    calls: steps.length,
    set(input, tensor) {
      open('set');
      const buffer = named(recording.inputs, input, 'input');
      const shape = shapes.get(input)!;
      if (!same(shape, tensor.shape)) throw new SpatialGANError('SHAPE', `plan: expected input '${input}' of [${shape}], got [${tensor.shape}]`);
      buffers.give(buffer, tensor);
      for (const i of graph.dependents.get(input)!) steps[i]!.stale = true;
    },
    stale: (output) => named(graph.needed, output, 'output').filter((i) => steps[i]!.stale).length,
    run(output) {
      open('run');
      pool.during(() => {
        for (const i of named(graph.needed, output, 'output')) if (steps[i]!.stale) runStep(steps[i]!);
      });
      const { buffer, shape, dtype } = recording.outputs.get(output)!;
      backend.incRef(buffers.dataOf(buffer));
      return engine().makeTensorFromTensorInfo({ dataId: buffers.dataOf(buffer), shape, dtype }, backend);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      for (const { call: { kept } } of steps) kept.dispose?.();
      buffers.freeAll();
      pool.dispose();
      releaseConstants(recording);
    },
  };
}

/**
 * Runs a function once and makes a plan of the kernel calls that depend on its inputs: what does not is computed now and kept,
 * filters packed where the backend can. The plan computes bit for bit what the function would, without tape, tidy and dispatch,
 * and only what has changed since.
 *
 * The function declares its inputs by the argument it is given, and returns its outputs by name; both stay the caller's. It
 * must be pure: what it computes outside of tensors is fixed by this run.
 *
 * @returns the plan, or in words why there can be none: the function looks at numbers that depend on its inputs.
 */
export function recordPlan(run: (input: DeclareInput) => Readonly<Record<string, Tensor>>): Plan | { readonly refused: string } {
  const given = new Map<string, Tensor>();
  const recording = recordCalls((input) => run((name, tensor) => {
    if (!given.has(name)) given.set(name, holdOn(tensor));
    return input(name, tensor);
  }));
  try {
    if (typeof recording === 'string') return { refused: recording };
    const plan = createPlan(recording, new Map([...given].map(([name, { shape }]) => [name, shape])));
    for (const [name, tensor] of given) plan.set(name, tensor);
    return plan;
  } finally {
    for (const tensor of given.values()) tensor.dispose();
  }
}
