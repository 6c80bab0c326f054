import { type DataId, engine, getKernel, keep, type KernelBackend, type KernelConfig, type NamedAttrMap, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { createSameConstants } from './sameConstants.js';

/** A buffer by number, in the order in which the recorded function met them. */
export type BufferId = number;

/** A tensor as a view of a buffer. */
export interface View {
  readonly buffer: BufferId;
  readonly shape: number[];
  readonly dtype: TensorInfo['dtype'];
}

/** One kernel call that depends on the inputs. */
export interface Call {
  readonly kernelName: string;
  readonly kernel: KernelConfig['kernelFunc'];
  readonly attrs: NamedAttrMap;
  /** As the kernel gets them: a record, or the list that some kernels take. */
  readonly inputs: Readonly<Record<string, View | null | undefined>> | readonly View[];
  /** Buffers that the call makes; null where it returns one that was there. */
  readonly outputs: readonly (BufferId | null)[];
}

/** What a function did, as kernel calls. */
export interface Recording {
  readonly calls: readonly Call[];
  readonly inputs: ReadonlyMap<string, BufferId>;
  readonly outputs: ReadonlyMap<string, View>;
  /** Tensors that do not depend on the inputs and are read by calls that do; the recording's until {@link releaseConstants}. */
  readonly constants: Map<BufferId, Tensor>;
  readonly bufferCount: number;
}

/** Names a tensor as an input of the function that is recorded, and returns it. Under a name that was there: another tensor of the same numbers. */
export type DeclareInput = <T extends Tensor>(name: string, tensor: T) => T;

type RunKernel = (name: string, inputs: Record<string, Tensor | null | undefined>, attrs?: NamedAttrMap) => Tensor | Tensor[];

/** The parts of tfjs's engine that a recording listens at; all operations of all packages go through them. */
interface Listening {
  runKernel: RunKernel;
  makeTensor: (values: ArrayLike<unknown>, shape: number[], dtype?: string, backend?: KernelBackend) => Tensor;
  read: (dataId: DataId) => unknown;
  readSync: (dataId: DataId) => unknown;
}

/** A second owner of a tensor's data: lives on when the tensor is disposed or its tidy ends. */
export function holdOn({ dataId, shape, dtype }: TensorInfo, backend: KernelBackend = engine().backend): Tensor {
  backend.incRef(dataId);
  return keep(engine().makeTensorFromTensorInfo({ dataId, shape, dtype }, backend));
}

function createRecorder() {
  const bufferOf = new Map<DataId, BufferId>();
  const same = createSameConstants();
  const [calls, constants, inputs] = [[] as Call[], new Map<BufferId, Tensor>(), new Map<string, BufferId>()];
  const dynamic = new Set<BufferId>();
  let bufferCount = 0;
  const idOf = (dataId: DataId): BufferId => {
    const id = bufferOf.get(dataId) ?? bufferCount++;
    bufferOf.set(dataId, id);
    return id;
  };
  const isDynamic = (dataId: DataId): boolean => dynamic.has(bufferOf.get(dataId) ?? -1);
  const viewOf = (tensor: Tensor): View => {
    const known = idOf(tensor.dataId);
    const buffer = dynamic.has(known) ? known : same.firstOf(tensor.dataId, known);
    if (!dynamic.has(buffer) && !constants.has(buffer)) constants.set(buffer, holdOn(tensor));
    return { buffer, shape: tensor.shape, dtype: tensor.dtype };
  };
  return {
    calls, constants, inputs, viewOf, isDynamic, same,
    bufferCount: () => bufferCount,
    declare(name: string, tensor: Tensor): void {
      const before = inputs.get(name);
      if (before !== undefined) return void bufferOf.set(tensor.dataId, before);
      if (isDynamic(tensor.dataId)) throw new SpatialGANError('CONFIG', `plan: expected inputs that share no data, got '${name}' declared twice; declare it once`);
      inputs.set(name, idOf(tensor.dataId));
      dynamic.add(idOf(tensor.dataId));
    },
    add(kernelName: string, given: Record<string, Tensor | null | undefined>, { attrs, made }: { attrs: NamedAttrMap; made: readonly Tensor[] }): void {
      const known = made.map(({ dataId }) => bufferOf.has(dataId));
      // A call that only looks at its input in another shape costs nothing: its readers read the buffer.
      if (known.every(Boolean)) return;
      const views = Object.entries(given).map(([key, tensor]) => [key, tensor && viewOf(tensor)] as const);
      calls.push({
        kernelName, attrs,
        kernel: getKernel(kernelName, engine().backendName)!.kernelFunc,
        inputs: Array.isArray(given) ? views.map(([, view]) => view as View) : Object.fromEntries(views),
        outputs: made.map(({ dataId }, i) => (known[i] ? null : idOf(dataId))),
      });
      made.forEach(({ dataId }) => dynamic.add(idOf(dataId)));
    },
  };
}
type Recorder = ReturnType<typeof createRecorder>;

/** Runs a function while the engine's doors are watched. */
function watched<T>(change: (original: Listening) => Listening, run: () => T): T {
  const doors = engine() as unknown as Listening;
  const original: Listening = { runKernel: doors.runKernel.bind(doors), makeTensor: doors.makeTensor.bind(doors), read: doors.read.bind(doors), readSync: doors.readSync.bind(doors) };
  Object.assign(doors, change(original));
  try {
    return run();
  } finally {
    // The prototype's methods show again.
    for (const door of ['runKernel', 'makeTensor', 'read', 'readSync'] as const) delete (doors as Partial<Listening>)[door];
  }
}

/** Whether calls inside a kernel made what it returns, so that they can stand for it. */
const isComposite = (recorder: Recorder, from: number, made: readonly Tensor[]): boolean =>
  recorder.calls.length > from && made.every(({ dataId }) => recorder.isDynamic(dataId));

/**
 * Runs a function once and records every kernel call that depends on the inputs it declares. What does not depend on them is
 * computed by the run itself and kept where a recorded call reads it. A kernel that calls others is recorded as those.
 *
 * @returns the reason, in words, when the function cannot be recorded: it looks at numbers that depend on its inputs, or runs
 *   kernels that do not give plain buffers.
 */
export function recordCalls(run: (input: DeclareInput) => Readonly<Record<string, Tensor>>): Recording | string {
  const recorder = createRecorder();
  let refused: string | undefined;
  let depth = 0;
  const refuse = (why: string): void => void (refused ??= why);
  const guarded = <R>(read: (dataId: DataId) => R) => (dataId: DataId): R => {
    if (depth === 0 && recorder.isDynamic(dataId)) refuse('it reads numbers that depend on its inputs while it runs');
    return read(dataId);
  };
  const { calls, inputs, constants } = recorder;
  const listen = ({ runKernel, makeTensor, read, readSync }: Listening): Listening => ({
    read: guarded(read),
    readSync: guarded(readSync),
    makeTensor(values, shape, dtype, backend) {
      const tensor = makeTensor(values, shape, dtype, backend);
      recorder.same.made(tensor, values);
      return tensor;
    },
    runKernel(kernelName, given, attrs = {}) {
      const tensors = Object.values(given).filter((tensor): tensor is Tensor => Boolean(tensor));
      const depends = tensors.some(({ dataId }) => recorder.isDynamic(dataId));
      const from = recorder.calls.length;
      depth++;
      const result = runKernel(kernelName, given, attrs);
      depth--;
      const made = Array.isArray(result) ? result : [result];
      if (!depends && depth === 0) recorder.same.computed(kernelName, { given, attrs, made });
      if (!depends || isComposite(recorder, from, made)) return result;
      recorder.calls.length = from;
      if (made.some(({ dtype }) => dtype === 'complex64' || dtype === 'string')) refuse(`kernel ${kernelName} makes ${made[0]!.dtype} tensors`);
      recorder.add(kernelName, given, { attrs, made });
      return result;
    },
  });
  let recording: Recording | undefined;
  try {
    const results = watched(listen, () => run((name, tensor) => (recorder.declare(name, tensor), tensor)));
    const outputs = new Map(Object.entries(results).map(([name, tensor]) => [name, recorder.viewOf(tensor)]));
    if (refused !== undefined) return refused;
    return (recording = { calls, inputs, outputs, constants, bufferCount: recorder.bufferCount() });
  } finally {
    if (!recording) releaseConstants({ constants });
  }
}

/** Frees what a recording holds. */
export function releaseConstants({ constants }: Pick<Recording, 'constants'>): void {
  for (const tensor of constants.values()) tensor.dispose();
}
