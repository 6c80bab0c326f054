import { type DataId, engine, type TensorInfo } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import type { AttributeValue, ElementType, OnnxNode, OnnxPort, OnnxTensor } from './onnxProto.js';

/** Collects the nodes of a graph; tensors of tfjs are known by their data and shape. */
export interface GraphBuilder {
  /** The name of a tensor: a graph input's, a node's output's, or a new constant's. */
  value(info: TensorInfo): string;
  /** The numbers of a constant; null for what depends on an input. */
  constant(info: TensorInfo): Float32Array | null;
  /** Adds a node; the names of its outputs. */
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>, outputs?: number): readonly string[];
  /** A constant of whole numbers, [n]. */
  ints(values: readonly number[]): string;
  /** A constant of numbers. */
  floats(values: Float32Array, dims: readonly number[]): string;
  /** Says that a tensor is what a node made. */
  define(info: TensorInfo, name: string): void;
  /** Declares an input. */
  input(info: TensorInfo, name: string): void;
}

/** What a builder has collected. */
export interface CollectedGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
}

/** ONNX's name of a tfjs type. @throws SpatialGANError 'CONFIG' on complex and string tensors. */
export function elementType(dtype: string): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new SpatialGANError('CONFIG', `exportOnnx: expected float32, int32 or bool tensors, got ${dtype}`);
}

const bytesOf = (values: ArrayBufferView): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
const int64 = (values: readonly number[]): Uint8Array => bytesOf(BigInt64Array.from(values.map((v) => BigInt(v))));
/** Names of nodes and constants start with a slash, so that no input can have one. */
const isConstantName = (name: string): boolean => name.startsWith('/c');
const keyOf = ({ shape, dtype }: TensorInfo): string => `${dtype}[${shape}]`;

export function createGraphBuilder(): GraphBuilder & { readonly collected: CollectedGraph } {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxPort[] = [];
  const names = new Map<DataId, Map<string, string>>();
  const made = new Map<string, string>();
  let count = 0;

  const define = (info: TensorInfo, name: string): void => {
    const known = names.get(info.dataId) ?? new Map<string, string>();
    names.set(info.dataId, known.set(keyOf(info), name));
  };
  const store = (key: string, tensor: () => Omit<OnnxTensor, 'name'>): string => {
    const known = made.get(key);
    if (known) return known;
    const name = `/c${count++}`;
    initializers.push({ name, ...tensor() });
    made.set(key, name);
    return name;
  };
  const ints = (values: readonly number[]): string =>
    store(`i${values}`, () => ({ type: 'int64', dims: [values.length], bytes: int64(values) }));
  const node: GraphBuilder['node'] = (op, from, attributes = {}, outputs = 1) => {
    const results = Array.from({ length: outputs }, () => `/t${count++}`);
    nodes.push({ op, inputs: from, outputs: results, attributes });
    return results;
  };
  const read = ({ dataId }: TensorInfo): Float32Array | Int32Array | Uint8Array =>
    engine().backend.readSync(dataId as object) as Float32Array | Int32Array | Uint8Array;
  const addConstant = (info: TensorInfo): string => {
    const name = `/c${count++}`;
    const values = read(info);
    const type = elementType(info.dtype);
    const typed = type === 'float32' ? Float32Array.from(values) : type === 'bool' ? Uint8Array.from(values) : Int32Array.from(values);
    initializers.push({ name, type, dims: info.shape, bytes: bytesOf(typed) });
    define(info, name);
    return name;
  };
  const isConstant = (info: TensorInfo): boolean => {
    const known = names.get(info.dataId);
    return !known || [...known.values()].every((name) => isConstantName(name));
  };
  return {
    node, ints, define,
    floats: (values, dims) => store(`f${dims}:${values}`, () => ({ type: 'float32', dims, bytes: bytesOf(values) })),
    input: (info, name) => {
      inputs.push({ name, type: elementType(info.dtype), dims: info.shape });
      define(info, name);
    },
    value: (info) => {
      const known = names.get(info.dataId);
      const name = known?.get(keyOf(info));
      if (name !== undefined) return name;
      const other = [...(known?.values() ?? [])].find((candidate) => !isConstantName(candidate));
      if (other === undefined) return addConstant(info);
      // The same data under another shape: tfjs reshapes without a kernel of its own.
      const [reshaped] = node('Reshape', [other, ints(info.shape)]);
      define(info, reshaped!);
      return reshaped!;
    },
    constant: (info) => (isConstant(info) ? Float32Array.from(read(info)) : null),
    collected: { nodes, initializers, inputs },
  };
}
