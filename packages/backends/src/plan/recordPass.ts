import { type DataId, engine, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { createOutputPool, type OutputPool } from './outputPool.js';
import { passGraph } from './passGraph.js';
import { readsOf } from './planGraph.js';
import { preparedCall, type PreparedCall, take } from './preparedCall.js';
import { type BufferId, type DeclareInput, recordCalls, type Recording, releaseConstants } from './recordCalls.js';

/** A function turned into a list of kernel calls, all of which run each time; between runs it keeps nothing but its constants. */
export interface Pass {
  /** Names of the inputs that are read. */
  readonly inputs: readonly string[];
  /** Kernel calls of a run. */
  readonly calls: number;
  /**
   * Runs a stage, after the stages before it; the first begins anew. Tensors are borrowed until the last stage has run. The
   * results, by name, are the caller's.
   *
   * @param inputs at least those that this stage reads and that none before it was given; others are ignored.
   * @throws SpatialGANError 'SHAPE' when a shape is not the recorded one, 'CONFIG' when an input is missing or a stage was left out.
   */
  run(inputs: ReadonlyMap<string, Tensor>, stage?: number): Map<string, Tensor>;
  /** Frees everything that is kept. Idempotent. */
  dispose(): void;
}

/** How a pass is recorded. */
export interface PassOptions {
  /** Where outputs come from, shared among passes that never run at the same time; the caller's. Default: one of its own. */
  readonly pool?: OutputPool;
  /** By output: whether a first stage gives it. Default: all come in one stage. */
  readonly isEarly?: (output: string) => boolean;
}

interface PassInput {
  readonly name: string;
  readonly buffer: BufferId;
  readonly shape: readonly number[];
  /** The first that reads it. */
  readonly stage: number;
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/** The inputs that calls or outputs read, with the stage that needs them first. */
function inputsRead({ inputs }: Recording, readByStage: readonly ReadonlySet<BufferId>[], shapes: ReadonlyMap<string, readonly number[]>): PassInput[] {
  return [...inputs].flatMap(([name, buffer]) => {
    const stage = readByStage.findIndex((read) => read.has(buffer));
    return stage < 0 ? [] : [{ name, buffer, shape: shapes.get(name)!, stage }];
  });
}

function releaseUnread({ constants }: Recording, read: (buffer: BufferId) => boolean): void {
  for (const [buffer, tensor] of [...constants]) {
    if (read(buffer)) continue;
    tensor.dispose();
    constants.delete(buffer);
  }
}

function createPass(recording: Recording, shapes: ReadonlyMap<string, readonly number[]>, { pool: lent, isEarly = () => false }: PassOptions): Pass {
  const { backend } = engine();
  const names = [...recording.outputs.keys()];
  const stageNames = [names.filter(isEarly), names.filter((name) => !isEarly(name))].filter((some, i) => i === 1 || some.length > 0);
  const graph = passGraph(recording, stageNames);
  const readByStage = graph.stages.map((calls, s) =>
    new Set([...calls.flatMap((call) => readsOf(call).map(({ buffer }) => buffer)), ...stageNames[s]!.map((name) => graph.outputs.get(name)!.buffer)]));
  releaseUnread(recording, (buffer) => readByStage.some((read) => read.has(buffer)));
  const inputs = inputsRead(recording, readByStage, shapes);
  const stages = graph.stages.map((calls) => calls.map((call) => preparedCall(call, recording)));
  const pool = lent ?? createOutputPool(backend);
  const data: (DataId | undefined)[] = [];
  const own = new Set<BufferId>();
  let [next, disposed] = [0, false];

  const free = (buffer: BufferId): void => {
    pool.release(data[buffer]!);
    data[buffer] = undefined;
    own.delete(buffer);
  };
  const begin = (): void => {
    [...own].forEach(free); // of a run that was given up
    data.length = 0;
    for (const [buffer, { dataId }] of recording.constants) data[buffer] = dataId;
    next = 0;
  };
  const put = (buffer: BufferId | null, result: TensorInfo): void => {
    const dataId = take(result, backend);
    if (buffer === null) return void backend.disposeData(dataId);
    data[buffer] = dataId;
    own.add(buffer);
  };
  // Runs for each call of each step: it makes nothing that it can do without.
  const runCall = ({ reads, kernel, call, outputs }: PreparedCall, spent: readonly BufferId[]): void => {
    for (let i = 0; i < reads.length; i++) reads[i]!.tensor.dataId = data[reads[i]!.buffer]!;
    const result = kernel(call);
    if (!Array.isArray(result)) put(outputs[0]!, result);
    else for (let i = 0; i < outputs.length; i++) put(outputs[i]!, result[i]!);
    for (let i = 0; i < spent.length; i++) free(spent[i]!);
  };
  const give = (tensors: ReadonlyMap<string, Tensor>, stage: number): void => {
    for (const { name, buffer, shape, stage: first } of inputs) {
      if (first !== stage) continue;
      const tensor = tensors.get(name);
      if (!tensor) throw new SpatialGANError('CONFIG', `pass.run: expected an input '${name}', got ${[...tensors.keys()].join(', ')}`);
      if (!same(shape, tensor.shape)) throw new SpatialGANError('SHAPE', `pass.run: expected input '${name}' of [${shape}], got [${tensor.shape}]`);
      data[buffer] = tensor.dataId;
    }
  };
  return {
    inputs: inputs.map(({ name }) => name),
    calls: stages.reduce((sum, calls) => sum + calls.length, 0),
    run(tensors, stage = 0) {
      if (disposed) throw new SpatialGANError('DISPOSED', 'pass.run: the pass is disposed; record it again');
      if (stage === 0) begin();
      if (stage !== next || stage >= stages.length) throw new SpatialGANError('CONFIG', `pass.run: expected stage ${next} of ${stages.length}, got ${stage}`);
      give(tensors, stage);
      pool.during(() => stages[stage]!.forEach((call, i) => runCall(call, graph.spent[stage]![i]!)));
      const results = new Map(stageNames[stage]!.map((name) => {
        const { buffer, shape, dtype } = graph.outputs.get(name)!;
        backend.incRef(data[buffer]!);
        return [name, engine().makeTensorFromTensorInfo({ dataId: data[buffer]!, shape, dtype }, backend)] as const;
      }));
      graph.handedOut[stage]!.forEach(free);
      next = stage + 1;
      if (next === stages.length) data.length = 0; // inputs are not held
      return results;
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      for (const { call: { kept } } of stages.flat()) kept.dispose?.();
      begin();
      data.length = 0;
      if (!lent) pool.dispose();
      releaseConstants(recording);
    },
  };
}

/**
 * Runs a function once and makes a pass of its kernel calls: for functions of which each run has new inputs, e.g. the losses of a
 * training step with their gradients. It computes bit for bit what the function would, without tape, tidy and dispatch, in the
 * memory of the function's own run. For parts that change one by one see `recordPlan`.
 *
 * The function declares its inputs by the argument it is given, and returns its outputs by name; both stay the caller's. It
 * must be pure: what it computes outside of tensors is fixed by this run.
 *
 * @returns the pass, or in words why there can be none: the function looks at numbers that depend on its inputs.
 */
export function recordPass(run: (input: DeclareInput) => Readonly<Record<string, Tensor>>, options: PassOptions = {}): Pass | { readonly refused: string } {
  const shapes = new Map<string, readonly number[]>();
  const recording = recordCalls((input) => run((name, tensor) => {
    shapes.set(name, tensor.shape);
    return input(name, tensor);
  }));
  return typeof recording === 'string' ? { refused: recording } : createPass(recording, shapes, options);
}
