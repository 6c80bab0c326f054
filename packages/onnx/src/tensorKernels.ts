import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementType, type GraphBuilder } from './graphBuilder.js';
import type { Converter } from './imageKernels.js';
import { type AttributeValue, ELEMENT } from './onnxProto.js';
import type { TracedCall } from './traceKernels.js';

type Chain = (graph: GraphBuilder, inputs: readonly string[], call: TracedCall) => string;

/** A kernel of one output, written on the names of its inputs in the order tfjs gives them. */
const chain = (run: Chain): Converter => (graph, call) => {
  const inputs = Object.values(call.inputs).map((info) => graph.value(info));
  graph.define(call.outputs[0]!, run(graph, inputs, call));
};

const plain = (op: string, attributes: Readonly<Record<string, AttributeValue>> = {}): Converter =>
  chain((graph, inputs) => graph.node(op, inputs, attributes)[0]!);

const reshape: Converter = chain((graph, [x], { outputs }) => graph.node('Reshape', [x!, graph.ints(outputs[0]!.shape)])[0]!);

/** Axes of a reduction; none given means all. */
function axesOf(call: TracedCall): readonly number[] {
  const [x] = Object.values(call.inputs) as [TensorInfo];
  const axis = (call.attrs['axis'] ?? call.attrs['reductionIndices']) as number | number[] | undefined;
  const axes = axis === undefined ? x.shape.map((_, i) => i) : typeof axis === 'number' ? [axis] : axis;
  return axes.map((a) => (a < 0 ? a + x.shape.length : a));
}

/** Reduces, then gives the result the shape that tfjs has: some of its backends drop dimensions later. */
const reduction = (op: 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceSum'): Converter => chain((graph, [x], call) => {
  const axes = axesOf(call);
  // Of these, only ReduceSum takes its axes as an input in opset 17.
  const [reduced] = op === 'ReduceSum'
    ? graph.node(op, [x!, graph.ints(axes)], { keepdims: 1 })
    : graph.node(op, [x!], { axes, keepdims: 1 });
  return graph.node('Reshape', [reduced!, graph.ints(call.outputs[0]!.shape)])[0]!;
});

const scalar = (graph: GraphBuilder, value: number): string => graph.floats(Float32Array.of(value), []);

const batchMatMul: Converter = chain((graph, [a, b], { inputs, attrs }) => {
  const turned = (name: string, info: TensorInfo, turn: boolean): string => {
    const rank = info.shape.length;
    const perm = [...info.shape.keys()].map((axis) => (axis < rank - 2 ? axis : rank - 1 - (axis - (rank - 2))));
    return turn ? graph.node('Transpose', [name], { perm })[0]! : name;
  };
  return graph.node('MatMul', [turned(a!, inputs['a']!, Boolean(attrs['transposeA'])), turned(b!, inputs['b']!, Boolean(attrs['transposeB']))])[0]!;
});

const split: Converter = (graph, call) => {
  const { axis } = call.attrs as { axis: number };
  const [x] = Object.values(call.inputs) as [TensorInfo];
  const at = axis < 0 ? axis + x.shape.length : axis;
  const unpack = call.kernelName === 'Unpack';
  const sizes = call.outputs.map(({ shape }) => (unpack ? 1 : shape[at]!));
  const parts = graph.node('Split', [graph.value(x), graph.ints(sizes)], { axis: at }, sizes.length);
  call.outputs.forEach((output, i) =>
    graph.define(output, unpack ? graph.node('Reshape', [parts[i]!, graph.ints(output.shape)])[0]! : parts[i]!));
};

const concat: Converter = chain((graph, inputs, { attrs, outputs }) => {
  const axis = attrs['axis'] as number;
  return graph.node('Concat', inputs, { axis: axis < 0 ? axis + outputs[0]!.shape.length : axis })[0]!;
});

const pack: Converter = chain((graph, inputs, { attrs, outputs }) => {
  const { shape } = outputs[0]!;
  const axis = (attrs['axis'] as number) < 0 ? (attrs['axis'] as number) + shape.length : (attrs['axis'] as number);
  const one = shape.map((size, i) => (i === axis ? 1 : size));
  return graph.node('Concat', inputs.map((name) => graph.node('Reshape', [name, graph.ints(one)])[0]!), { axis })[0]!;
});

const slice: Converter = chain((graph, [x], { attrs, outputs }) => {
  const begin = attrs['begin'] as number[];
  const starts = outputs[0]!.shape.map((_, i) => begin[i] ?? 0);
  return graph.node('Slice', [x!, graph.ints(starts), graph.ints(starts.map((s, i) => s + outputs[0]!.shape[i]!))])[0]!;
});

const pad: Converter = chain((graph, [x], { attrs }) => {
  const { paddings, constantValue } = attrs as unknown as { paddings: [number, number][]; constantValue: number };
  const pads = graph.ints([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  return graph.node('Pad', [x!, pads, scalar(graph, constantValue)])[0]!;
});

const reverse: Converter = chain((graph, [x], { attrs, outputs }) => {
  const rank = outputs[0]!.shape.length;
  const axes = (attrs['dims'] as number[]).map((a) => (a < 0 ? a + rank : a));
  const all = (value: number): string => graph.ints(axes.map(() => value));
  return graph.node('Slice', [x!, all(-1), all(-(2 ** 31)), graph.ints(axes), all(-1)])[0]!;
});

const cast: Converter = chain((graph, [x], { outputs }) => graph.node('Cast', [x!], { to: ELEMENT[elementType(outputs[0]!.dtype)] })[0]!);

/** Kernels that need no pixels; comparisons and Select take tensors of one shape or scalars. */
export const tensorKernels: Readonly<Record<string, Converter>> = {
  Add: plain('Add'), Sub: plain('Sub'), Multiply: plain('Mul'), RealDiv: plain('Div'), Maximum: plain('Max'), Minimum: plain('Min'), Pow: plain('Pow'),
  Sqrt: plain('Sqrt'), Relu: plain('Relu'), Neg: plain('Neg'), Exp: plain('Exp'), Log: plain('Log'), Abs: plain('Abs'), Sigmoid: plain('Sigmoid'),
  Tanh: plain('Tanh'), Softplus: plain('Softplus'), Sign: plain('Sign'), Floor: plain('Floor'), Erf: plain('Erf'), Softmax: plain('Softmax', { axis: -1 }),
  Square: chain((graph, [x]) => graph.node('Mul', [x!, x!])[0]!),
  Rsqrt: chain((graph, [x]) => graph.node('Reciprocal', graph.node('Sqrt', [x!]))[0]!),
  Step: chain((graph, [x], { attrs }) => {
    const positive = graph.node('Greater', [x!, scalar(graph, 0)])[0]!;
    return graph.node('Where', [positive, scalar(graph, 1), scalar(graph, attrs['alpha'] as number)])[0]!;
  }),
  LeakyRelu: chain((graph, [x], { attrs }) => graph.node('LeakyRelu', [x!], { alpha: { float: attrs['alpha'] as number } })[0]!),
  Greater: plain('Greater'), GreaterEqual: plain('GreaterOrEqual'), Less: plain('Less'), LessEqual: plain('LessOrEqual'), Equal: plain('Equal'),
  LogicalAnd: plain('And'), LogicalNot: plain('Not'), Select: plain('Where'),
  Reshape: reshape, ExpandDims: reshape, Identity: chain((_, [x]) => x!), Cast: cast,
  Transpose: chain((graph, [x], { attrs }) => graph.node('Transpose', [x!], { perm: attrs['perm'] as number[] })[0]!),
  Tile: chain((graph, [x], { attrs }) => graph.node('Tile', [x!, graph.ints(attrs['reps'] as number[])])[0]!),
  Concat: concat, Pack: pack, SplitV: split, Unpack: split, Slice: slice, PadV2: pad, Reverse: reverse, BatchMatMul: batchMatMul,
  Sum: reduction('ReduceSum'), Mean: reduction('ReduceMean'), Max: reduction('ReduceMax'), Min: reduction('ReduceMin'),
};
