import { engine, type KernelBackend, Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { KeptByCall, PlannedCall } from './keptByCall.js';
import type { BufferId, Call, Recording, View } from './recordCalls.js';

type Fields = { -readonly [K in keyof TensorInfo]: TensorInfo[K] };

/** A call with the objects that its kernel is given, made once. */
export interface PreparedCall extends Pick<Call, 'kernel' | 'outputs'> {
  readonly call: PlannedCall & { readonly kept: KeptByCall };
  /** What to fill in before the call; constants are in their place. */
  readonly reads: readonly { readonly tensor: Fields; readonly buffer: BufferId }[];
}

/** A tensor that the engine does not know: kernels read its shape and type, and find the data by its id. */
const bare = ({ shape, dtype }: View, buffer: BufferId): TensorInfo => new Tensor(shape as never, dtype, { buffer }, -1);

/** Prepares a recorded call for the active backend. */
export function preparedCall(call: Call, { constants }: Pick<Recording, 'constants'>): PreparedCall {
  const reads: { tensor: Fields; buffer: BufferId }[] = [];
  const given = (view: View | null | undefined): TensorInfo => {
    if (!view) return view as never;
    const tensor = bare(view, view.buffer);
    reads.push({ tensor: tensor as Fields, buffer: view.buffer });
    return tensor;
  };
  const inputs = Array.isArray(call.inputs)
    ? (call.inputs as readonly View[]).map(given) as never
    : Object.fromEntries(Object.entries(call.inputs).map(([name, view]) => [name, given(view as View)]));
  const fixed = reads.filter(({ buffer }) => constants.has(buffer));
  for (const { tensor, buffer } of fixed) tensor.dataId = constants.get(buffer)!.dataId;
  return {
    kernel: call.kernel, outputs: call.outputs,
    call: { inputs, attrs: call.attrs, backend: engine().backend, kept: { constants: new Set(fixed.map(({ tensor }) => tensor)) } },
    reads: reads.filter(({ buffer }) => !constants.has(buffer)),
  };
}

/** The reference to its data that a kernel's result stands for; some backends wrap it in a tensor of the engine's. */
export function take(result: TensorInfo, backend: KernelBackend): TensorInfo['dataId'] {
  if (!(result instanceof Tensor)) return result.dataId;
  backend.incRef(result.dataId);
  result.dispose();
  return result.dataId;
}
