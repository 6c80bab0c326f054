import { engine, type Tensor, type TensorInfo, tidy } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import { createGraphBuilder, elementType } from './graphBuilder.js';
import { imageKernels } from './imageKernels.js';
import { encodeOnnx } from './onnxProto.js';
import { tensorKernels } from './tensorKernels.js';
import { traceKernels } from './traceKernels.js';

/** The opset of every exported graph. */
export const OPSET = 17;

type NamedTensors = Readonly<Record<string, Tensor>>;

/** What {@link exportOnnx} takes. */
export interface OnnxExport {
  /** A function of the inputs only; what else it reads becomes constant. */
  readonly run: (inputs: NamedTensors) => NamedTensors;
  /** Examples of the inputs. Their shapes, the batch too, become the graph's. */
  readonly inputs: NamedTensors;
  /** Default `model`. */
  readonly name?: string;
  /** Free text kept in the file, e.g. the licence of the training data. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const converters = { ...imageKernels, ...tensorKernels };

/** Kernels of tfjs that {@link exportOnnx} can write, by tfjs's names. */
export const exportableKernels: readonly string[] = Object.keys(converters);

/**
 * Writes a TensorFlow.js function as an ONNX file by running it once and recording its kernels.
 *
 * What does not depend on the inputs (weights and what is computed of them) is folded into constants. Control flow and
 * shapes are those of the example inputs. Needs a backend that reads synchronously (cpu, wasm).
 *
 * @returns The bytes of an .onnx file, opset 17, float32.
 * @throws SpatialGANError 'CONFIG' on a kernel without counterpart, an output that depends on no input, or a backend
 * without synchronous reads.
 */
export function exportOnnx({ run, inputs, name = 'model', metadata = {} }: OnnxExport): Uint8Array {
  const { backendName } = engine();
  if (backendName !== 'cpu' && backendName !== 'wasm') {
    throw new SpatialGANError('CONFIG', `exportOnnx: expected the cpu or wasm backend, which read synchronously, got '${backendName}'; activate one of them`);
  }
  const graph = createGraphBuilder();
  let bytes: Uint8Array = new Uint8Array();
  // tidy would search what it returns for tensors, byte by byte.
  tidy(() => {
    // Once for nothing: operations register their plain kernels on first use.
    tidy(() => void run(inputs));
    for (const [key, tensor] of Object.entries(inputs)) graph.input(tensor, key);
    const outputs = traceKernels(() => run(inputs), {
      inputs: Object.values(inputs).map(({ dataId }) => dataId),
      canExport: (kernelName) => kernelName in converters,
      onCall: (call) => converters[call.kernelName]!(graph, call),
    });
    const ports = Object.entries(outputs).map(([key, tensor]) => ({ key, tensor, from: outputName(graph, key, tensor) }));
    const { nodes, initializers, inputs: given } = graph.collected;
    bytes = encodeOnnx({
      name, opset: OPSET, metadata, initializers, inputs: given,
      nodes: [...nodes, ...ports.map(({ key, from }) => ({ op: 'Identity', inputs: [from], outputs: [key], attributes: {} }))],
      outputs: ports.map(({ key, tensor }) => ({ name: key, type: elementType(tensor.dtype), dims: tensor.shape })),
    });
  });
  return bytes;
}

function outputName(graph: ReturnType<typeof createGraphBuilder>, key: string, tensor: TensorInfo): string {
  if (graph.constant(tensor) === null) return graph.value(tensor);
  throw new SpatialGANError('CONFIG', `exportOnnx: expected output '${key}' to depend on an input, got a constant`);
}
