import type { DataId, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/** Where a plan's kernels get their outputs from, and where the plan puts buffers that nobody needs any more. */
export interface OutputPool {
  /** Runs kernels. */
  during<T>(run: () => T): T;
  /** Gives up one reference to data. */
  release(dataId: DataId): void;
  dispose(): void;
}

/** The parts of tfjs-wasm's backend through which all its kernels make their outputs. */
interface WasmOutputs {
  makeOutput(shape: number[], dtype: TensorInfo['dtype'], ...rest: unknown[]): TensorInfo;
  readonly dataIdMap: { get(dataId: DataId): { shape: number[]; readonly dtype: TensorInfo['dtype']; readonly refCount: number } | undefined };
}

const plainPool = (backend: KernelBackend): OutputPool => ({
  during: (run) => run(),
  release: (dataId) => void backend.disposeData(dataId),
  dispose: () => {},
});

const sizeOf = (shape: readonly number[]): number => {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
};

const sizeKey = (shape: readonly number[], dtype: string): string | number => {
  const size = sizeOf(shape);
  return dtype === 'float32' ? size : `${dtype} ${size}`;
};

/** How a pool keeps buffers. */
export interface OutputPoolOptions {
  /**
   * Entries of the largest buffers that it keeps for outputs of the same size. Above, one that is freed at once serves the next of any size,
   * which is warm in the cache and takes less of the heap. Default: no limit.
   */
  readonly largest?: number;
}

/**
 * The pool of a plan. On wasm buffers are used again for outputs of the same size, which saves their allocation, registration
 * and release, a good part of what a small kernel costs; elsewhere they are released.
 */
export function createOutputPool(backend: KernelBackend, { largest = Infinity }: OutputPoolOptions = {}): OutputPool {
  const outputs = backend as unknown as Partial<WasmOutputs>;
  if (!outputs.makeOutput || !outputs.dataIdMap) return plainPool(backend);
  const { dataIdMap } = outputs;
  const makeOutput = outputs.makeOutput.bind(backend);
  const idle = new Map<string | number, DataId[]>();
  const reused: WasmOutputs['makeOutput'] = (shape, dtype, ...rest) => {
    const dataId = rest.length === 0 ? idle.get(sizeKey(shape, dtype))?.pop() : undefined;
    if (!dataId) return makeOutput(shape, dtype, ...rest);
    dataIdMap.get(dataId)!.shape = shape;
    return { dataId, shape, dtype };
  };
  return {
    during(run) {
      outputs.makeOutput = reused;
      try {
        return run();
      } finally {
        delete outputs.makeOutput; // the prototype's shows again
      }
    },
    release(dataId) {
      const data = dataIdMap.get(dataId);
      // Somebody else looks at it still: it must keep its numbers.
      if (!data || data.refCount !== 1 || sizeOf(data.shape) > largest) return void backend.disposeData(dataId);
      const key = sizeKey(data.shape, data.dtype);
      const list = idle.get(key);
      if (list) list.push(dataId);
      else idle.set(key, [dataId]);
    },
    dispose() {
      for (const dataId of [...idle.values()].flat()) backend.disposeData(dataId);
      idle.clear();
    },
  };
}
