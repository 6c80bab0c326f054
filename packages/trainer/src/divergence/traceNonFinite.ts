import {
  type DataId, dispose, engine, getKernel, getKernelsForBackend, keep, type KernelConfig, registerKernel, type Scalar, sum, type Tensor, type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs-core';

/** The first operation of a step that gave a value that is not finite. */
export interface NonFiniteOperation {
  /** Phase of the step: 'Gmain', 'Greg', 'Dmain', 'Dreg', or 'update' after the last of them. */
  readonly phase: string;
  readonly pass: 'forward' | 'backward';
  /** tfjs's name of the operation, e.g. `Conv2D`. */
  readonly kernel: string;
  /** Path of the parameter that was read last: it tells the layer. */
  readonly parameter: string | undefined;
  /** How many operations were done before it. */
  readonly order: number;
}

interface Entry extends Omit<NonFiniteOperation, 'phase' | 'order'> {
  phase: string;
  readonly total: Scalar;
}

/** Sum of a kernel's output, which is finite exactly if its entries are (or it is beyond float32 altogether). */
function totalOf({ dataId, shape, dtype }: TensorInfo): Scalar {
  const { backend } = engine();
  backend.incRef(dataId as DataId);
  const twin = engine().makeTensorFromDataId(dataId as DataId, shape, dtype, backend);
  const total = keep(sum<Scalar>(twin as Tensor));
  twin.dispose();
  return total;
}

/** Replaces the active backend's kernels while `run` lasts. */
async function withKernels(rewire: (config: KernelConfig) => KernelConfig['kernelFunc'], run: () => unknown): Promise<void> {
  const originals = getKernelsForBackend(engine().backendName);
  const put = (config: KernelConfig, kernelFunc: KernelConfig['kernelFunc']): void => {
    if (getKernel(config.kernelName, config.backendName)) unregisterKernel(config.kernelName, config.backendName);
    registerKernel({ ...config, kernelFunc });
  };
  try {
    for (const config of originals) put(config, rewire(config));
    await run();
  } finally {
    for (const config of originals) put(config, config.kernelFunc);
  }
}

/**
 * Runs a step with every operation watched and tells which one first gave NaN or infinity. As slow as it is thorough: for a step
 * that is known to be broken.
 *
 * @param run the step; calls `phaseEnds` with its name after each phase.
 * @param parameters paths of the parameters by the data they have when the step begins.
 * @returns undefined when all was finite.
 */
export async function traceNonFinite(
  run: (phaseEnds: (phase: string) => void) => unknown,
  parameters: ReadonlyMap<DataId, string>,
): Promise<NonFiniteOperation | undefined> {
  const entries: Entry[] = [];
  let [named, inside, taped] = [0, false, false];
  let parameter: string | undefined;
  const phaseEnds = (phase: string): void => {
    for (; named < entries.length; named++) entries[named]!.phase = phase;
    [parameter, taped] = [undefined, false];
  };
  const watch = ({ kernelName, kernelFunc }: KernelConfig): KernelConfig['kernelFunc'] => (call) => {
    if (inside) return kernelFunc(call);
    inside = true;
    try {
      for (const input of Object.values(call.inputs)) parameter = (input && parameters.get((input as TensorInfo).dataId as DataId)) ?? parameter;
      const result = kernelFunc(call);
      const isTaping = engine().state.gradientDepth > 0;
      taped ||= isTaping;
      for (const output of Array.isArray(result) ? result : [result]) {
        if (output.dtype !== 'float32') continue;
        entries.push({ phase: 'update', pass: taped && !isTaping ? 'backward' : 'forward', kernel: kernelName, parameter, total: totalOf(output) });
      }
      return result;
    } finally {
      inside = false;
    }
  };
  try {
    await withKernels(watch, () => run(phaseEnds));
    for (const [order, { total, ...operation }] of entries.entries()) if (!Number.isFinite((await total.data())[0])) return { ...operation, order };
    return undefined;
  } finally {
    dispose(entries.map(({ total }) => total));
  }
}
