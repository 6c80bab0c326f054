import {
  type DataId, engine, getKernel, getKernelsForBackend, type KernelConfig, type NamedAttrMap, registerKernel, type TensorInfo, unregisterKernel,
} from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';

/** One kernel call whose result depends on the inputs of the traced function. */
export interface TracedCall {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: NamedAttrMap;
  readonly outputs: readonly TensorInfo[];
}

/** How a trace is taken. */
export interface TraceOptions {
  /** Data that the traced function gets; all else is constant. */
  readonly inputs: readonly DataId[];
  /** Kernels to report; others are followed into the kernels that they call. */
  readonly canExport: (kernelName: string) => boolean;
  /** Called in order, while the inputs of the call still live. */
  readonly onCall: (call: TracedCall) => void;
}

/** Changes the active backend's kernels while `run` lasts; null takes one away. */
function withKernels<T>(rewire: (config: KernelConfig) => KernelConfig['kernelFunc'] | null, run: () => T): T {
  const originals = getKernelsForBackend(engine().backendName);
  const put = (config: KernelConfig, kernelFunc: KernelConfig['kernelFunc'] | null): void => {
    if (getKernel(config.kernelName, config.backendName)) unregisterKernel(config.kernelName, config.backendName);
    if (kernelFunc) registerKernel({ ...config, kernelFunc });
  };
  try {
    for (const config of originals) put(config, rewire(config));
    return run();
  } finally {
    for (const config of originals) put(config, config.kernelFunc);
  }
}

/**
 * Runs a function and reports every kernel call that depends on its inputs. Calls that do not are constants.
 *
 * @throws SpatialGANError 'CONFIG' on a kernel that cannot be exported and calls none that can.
 */
export function traceKernels<T>(run: () => T, { inputs, canExport, onCall }: TraceOptions): T {
  const dependent = new WeakSet<DataId>(inputs);
  let inside = false;
  const watch = ({ kernelName, kernelFunc }: KernelConfig): KernelConfig['kernelFunc'] => (call) => {
    if (inside) return kernelFunc(call);
    const given = call.inputs as Record<string, TensorInfo>;
    const depends = Object.values(given).some((info) => info && dependent.has(info.dataId));
    if (!depends) return kernelFunc(call);
    inside = canExport(kernelName);
    const exported = inside;
    try {
      const result = kernelFunc(call);
      const outputs = Array.isArray(result) ? result : [result];
      if (exported) {
        for (const { dataId } of outputs) dependent.add(dataId);
        onCall({ kernelName, inputs: given, attrs: call.attrs ?? {}, outputs });
      } else if (!outputs.every(({ dataId }) => dependent.has(dataId))) {
        throw new SpatialGANError('CONFIG', `exportOnnx: expected operations that ONNX has, got tfjs's kernel '${kernelName}'; write that part with others`);
      }
      return result;
    } finally {
      if (exported) inside = false;
    }
  };
  // A kernel of ours that fuses several operations steps aside for its plain form.
  return withKernels((config) => (config.kernelName.startsWith('Spatialgan') && !canExport(config.kernelName) ? null : watch(config)), run);
}
