import type { KernelBackend, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { OutputPool } from './outputPool.js';
import type { PlanGraph } from './planGraph.js';
import { type BufferId, holdOn, type Recording } from './recordCalls.js';

/** The buffers of a plan: which data each holds now. */
export function createBuffers(
  { constants }: Recording, { readers, lasting }: PlanGraph, { pool, backend }: { readonly pool: OutputPool; readonly backend: KernelBackend },
) {
  const data = new Map<BufferId, TensorInfo['dataId']>();
  const waiting = new Map<BufferId, number>();
  const inputs = new Map<BufferId, Tensor>();
  const free = (buffer: BufferId): void => {
    const dataId = data.get(buffer);
    if (dataId !== undefined) pool.release(dataId);
    data.delete(buffer);
  };
  const put = (buffer: BufferId, dataId: TensorInfo['dataId']): void => {
    free(buffer);
    data.set(buffer, dataId);
    const count = readers.get(buffer)?.length ?? 0;
    if (count === 0 && !lasting.has(buffer)) return free(buffer);
    waiting.set(buffer, count);
  };
  return {
    dataOf: (buffer: BufferId) => (data.get(buffer) ?? inputs.get(buffer)?.dataId ?? constants.get(buffer)?.dataId)!,
    /** Takes over a reference to the data of a call's output. */
    put,
    /** Takes hold of an input's data. */
    give(buffer: BufferId, tensor: Tensor): void {
      const before = inputs.get(buffer);
      inputs.set(buffer, holdOn(tensor, backend));
      before?.dispose();
    },
    /** One of the readers of a buffer that need not last has run. */
    read(buffer: BufferId): void {
      const left = waiting.get(buffer)! - 1;
      waiting.set(buffer, left);
      if (left === 0) free(buffer);
    },
    freeAll(): void {
      [...data.keys()].forEach(free);
      for (const tensor of inputs.values()) tensor.dispose();
    },
  };
}
