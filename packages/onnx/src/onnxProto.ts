import { PbfWriter } from 'pbf';

/** Element types of ONNX tensors that we write. */
export const ELEMENT = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof ELEMENT;

/** A stored tensor. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array;
}

export type AttributeValue = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** An input or output of a graph. */
export interface OnnxPort {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
}

export interface OnnxModel {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** Free text by key, e.g. the licence of the training data. */
  readonly metadata: Readonly<Record<string, string>>;
}

type Writer<T> = (value: T, out: PbfWriter) => void;

const each = <T>(out: PbfWriter, tag: number, write: Writer<T>, values: readonly T[]): void => {
  for (const value of values) out.writeMessage(tag, write, value);
};

/** Field 20 of AttributeProto. */
const KIND = { float: 1, int: 2, string: 3, ints: 7 } as const;

const attribute: Writer<[string, AttributeValue]> = ([name, value], out) => {
  out.writeStringField(1, name);
  if (typeof value === 'number') {
    out.writeVarintField(3, value);
    out.writeVarintField(20, KIND.int);
  } else if (typeof value === 'string') {
    out.writeBytesField(4, new TextEncoder().encode(value));
    out.writeVarintField(20, KIND.string);
  } else if ('float' in value) {
    out.writeFloatField(2, value.float);
    out.writeVarintField(20, KIND.float);
  } else {
    out.writePackedVarint(8, [...value]);
    out.writeVarintField(20, KIND.ints);
  }
};

const node: Writer<OnnxNode> = ({ op, inputs, outputs, attributes }, out) => {
  for (const name of inputs) out.writeStringField(1, name);
  for (const name of outputs) out.writeStringField(2, name);
  out.writeStringField(3, `${op}/${outputs[0]}`);
  out.writeStringField(4, op);
  each(out, 5, attribute, Object.entries(attributes));
};

const tensor: Writer<OnnxTensor> = ({ name, type, dims, bytes }, out) => {
  out.writePackedVarint(1, [...dims]);
  out.writeVarintField(2, ELEMENT[type]);
  out.writeStringField(8, name);
  out.writeBytesField(9, bytes);
};

const dimension: Writer<number> = (size, out) => out.writeVarintField(1, size);
const shape: Writer<readonly number[]> = (dims, out) => each(out, 1, dimension, dims);
const tensorType: Writer<OnnxPort> = ({ type, dims }, out) => {
  out.writeVarintField(1, ELEMENT[type]);
  out.writeMessage(2, shape, dims);
};
const portType: Writer<OnnxPort> = (port, out) => out.writeMessage(1, tensorType, port);
const port: Writer<OnnxPort> = (value, out) => {
  out.writeStringField(1, value.name);
  out.writeMessage(2, portType, value);
};

const graph: Writer<OnnxModel> = ({ name, nodes, initializers, inputs, outputs }, out) => {
  each(out, 1, node, nodes);
  out.writeStringField(2, name);
  each(out, 5, tensor, initializers);
  each(out, 11, port, inputs);
  each(out, 12, port, outputs);
};

const opset: Writer<number> = (version, out) => {
  out.writeStringField(1, '');
  out.writeVarintField(2, version);
};
const entry: Writer<[string, string]> = ([key, value], out) => {
  out.writeStringField(1, key);
  out.writeStringField(2, value);
};

/** The bytes of an .onnx file: a ModelProto of IR version 8 (ONNX 1.12 and later). */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const out = new PbfWriter();
  out.writeVarintField(1, 8);
  out.writeStringField(2, 'spatialgan');
  out.writeMessage(7, graph, model);
  out.writeMessage(8, opset, model.opset);
  each(out, 14, entry, Object.entries(model.metadata));
  return out.finish();
}
