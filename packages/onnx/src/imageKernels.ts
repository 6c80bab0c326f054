import type { TensorInfo } from '@tensorflow/tfjs-core';
import { SpatialGANError } from '@spatialgan/core';
import type { GraphBuilder } from './graphBuilder.js';
import type { AttributeValue } from './onnxProto.js';
import type { TracedCall } from './traceKernels.js';

/** Writes a kernel call as nodes. */
export type Converter = (graph: GraphBuilder, call: TracedCall) => void;

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Runs nodes on a NHWC tensor as ONNX wants it, NCHW. */
function channelsFirst(graph: GraphBuilder, call: TracedCall, { x, run }: { x: TensorInfo; run: (x: string) => string }): void {
  const [first] = graph.node('Transpose', [graph.value(x)], { perm: TO_NCHW });
  const [last] = graph.node('Transpose', [run(first!)], { perm: TO_NHWC });
  graph.define(call.outputs[0]!, last!);
}

/** A tensor with its axes in another order; constants are reordered here. */
function permuted(graph: GraphBuilder, info: TensorInfo, perm: readonly number[]): string {
  const values = graph.constant(info);
  if (!values) return graph.node('Transpose', [graph.value(info)], { perm })[0]!;
  const dims = perm.map((axis) => info.shape[axis]!);
  const strides = info.shape.map((_, axis) => info.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const moved = new Float32Array(values.length);
  for (let i = 0; i < moved.length; i++) {
    let [rest, from] = [i, 0];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += (rest % dims[axis]!) * strides[perm[axis]!]!;
      rest = Math.floor(rest / dims[axis]!);
    }
    moved[i] = values[from]!;
  }
  return graph.floats(moved, dims);
}

/** [top, bottom, left, right] → the pads of a convolution and a Pad node for what crops. */
function padding(graph: GraphBuilder, x: string, sides: readonly number[]): { readonly x: string; readonly pads: readonly number[] } {
  const [t, b, l, r] = sides as [number, number, number, number];
  if (sides.every((side) => side >= 0)) return { x, pads: [t, l, b, r] };
  return { x: graph.node('Pad', [x, graph.ints([0, 0, t, l, 0, 0, b, r])])[0]!, pads: [0, 0, 0, 0] };
}

const HWIO_TO_OIHW = [3, 2, 0, 1];

const conv2d: Converter = (graph, call) => {
  const { stride, padding: sides } = call.attrs as unknown as { stride: number; padding: readonly number[] };
  const { x, filter } = call.inputs as { x: TensorInfo; filter: TensorInfo };
  channelsFirst(graph, call, { x, run: (first) => {
    const padded = padding(graph, first, sides);
    return graph.node('Conv', [padded.x, permuted(graph, filter, HWIO_TO_OIHW)], {
      strides: [stride, stride], pads: padded.pads, kernel_shape: filter.shape.slice(0, 2),
    })[0]!;
  } });
};

/** The gradient of a convolution by its input: ONNX's ConvTranspose. */
const conv2dInputGrad: Converter = (graph, call) => {
  const { stride, padding: sides, size } = call.attrs as unknown as { stride: number; padding: readonly number[]; size: readonly number[] };
  const { dy, filter } = call.inputs as { dy: TensorInfo; filter: TensorInfo };
  const [t, b, l, r] = sides as [number, number, number, number];
  const [kh, kw] = filter.shape as [number, number];
  const grown = [stride * (dy.shape[1]! - 1) + kh - t - b, stride * (dy.shape[2]! - 1) + kw - l - r];
  const missing = size.map((side, axis) => side - grown[axis]!);
  if (Math.min(t, b, l, r, ...missing) < 0) {
    throw new SpatialGANError('CONFIG', `exportOnnx: expected a transposed convolution without negative padding, got [${sides}] for size [${size}]`);
  }
  channelsFirst(graph, call, { x: dy, run: (first) =>
    graph.node('ConvTranspose', [first, permuted(graph, filter, HWIO_TO_OIHW)], {
      strides: [stride, stride], pads: [t, l, b, r], output_padding: missing, kernel_shape: [kh, kw],
    })[0]! });
};

interface FirAttrs {
  readonly up: readonly [number, number];
  readonly down: readonly [number, number];
  readonly padding: readonly number[];
  readonly correlate: boolean;
  readonly gain: number;
}

/** One pass of a FIR filter [kh,kw] over each channel. */
function firPass(
  graph: GraphBuilder, x: string,
  { taps, size: [kh, kw], channels, attrs }: { taps: Float32Array; size: readonly [number, number]; channels: number; attrs: Omit<FirAttrs, 'gain' | 'correlate'> },
): string {
  const weights = new Float32Array(channels * taps.length);
  for (let c = 0; c < channels; c++) weights.set(taps, c * taps.length);
  const padded = padding(graph, x, attrs.padding);
  return graph.node('Conv', [padded.x, graph.floats(weights, [channels, 1, kh, kw])], {
    group: channels, strides: attrs.down, pads: padded.pads, kernel_shape: [kh, kw],
  })[0]!;
}

/** Zeros between the pixels of [N,C,H,W]: up-1 behind each. */
function spread(graph: GraphBuilder, x: string, { up: [uy, ux], shape: [N, H, W, C] }: { up: readonly [number, number]; shape: readonly number[] }): string {
  if (uy === 1 && ux === 1) return x;
  const [apart] = graph.node('Reshape', [x, graph.ints([N!, C!, H!, 1, W!, 1])]);
  const [filled] = graph.node('Pad', [apart!, graph.ints([0, 0, 0, 0, 0, 0, 0, 0, 0, uy - 1, 0, ux - 1])]);
  return graph.node('Reshape', [filled!, graph.ints([N!, C!, H! * uy, W! * ux])])[0]!;
}

const upfirdn2d: Converter = (graph, call) => {
  const { up, down, padding: sides, correlate, gain } = call.attrs as unknown as FirAttrs;
  const { x, f } = call.inputs as { x: TensorInfo; f: TensorInfo };
  const given = graph.constant(f);
  if (!given) throw new SpatialGANError('CONFIG', 'exportOnnx: expected a constant filter of upfirdn2d, got one that depends on an input');
  const taps = correlate ? given : Float32Array.from(given).reverse();
  const scaled = taps.map((v) => v * gain);
  const channels = x.shape[3]!;
  channelsFirst(graph, call, { x, run: (first) => {
    const wide = spread(graph, first, { up, shape: x.shape });
    if (f.shape.length === 2) {
      return firPass(graph, wide, { taps: scaled, size: f.shape as [number, number], channels, attrs: { up, down, padding: sides } });
    }
    const n = taps.length;
    const [t, b, l, r] = sides as [number, number, number, number];
    const rows = firPass(graph, wide, { taps: scaled, size: [1, n], channels, attrs: { up, down: [1, down[1]], padding: [0, 0, l, r] } });
    return firPass(graph, rows, { taps, size: [n, 1], channels, attrs: { up, down: [down[0], 1], padding: [t, b, 0, 0] } });
  } });
};

const avgPool: Converter = (graph, call) => {
  const { filterSize, strides, pad } = call.attrs as unknown as { filterSize: number | number[]; strides: number | number[]; pad: unknown };
  const { x } = call.inputs as { x: TensorInfo };
  const pair = (value: number | number[]): number[] => (typeof value === 'number' ? [value, value] : value);
  if (pad !== 'valid') throw new SpatialGANError('CONFIG', `exportOnnx: expected avgPool with padding 'valid', got ${JSON.stringify(pad)}`);
  const [size, step] = [pair(filterSize), pair(strides)];
  // Over a whole axis it is a mean, which needs no transposition.
  const whole = size.every((side, i) => side === 1 || side === x.shape[i + 1]);
  if (whole && step.every((s, i) => s === 1 || size[i] === x.shape[i + 1])) {
    const axes = [1, 2].filter((axis) => size[axis - 1] !== 1);
    const [mean] = graph.node(axes.length ? 'ReduceMean' : 'Identity', [graph.value(x)], axes.length ? { axes, keepdims: 1 } : {});
    return graph.define(call.outputs[0]!, mean!);
  }
  channelsFirst(graph, call, { x, run: (first) => graph.node('AveragePool', [first], { kernel_shape: size, strides: step })[0]! });
};

const resizeBilinear: Converter = (graph, call) => {
  const { alignCorners, halfPixelCenters, size } = call.attrs as unknown as { alignCorners: boolean; halfPixelCenters: boolean; size: [number, number] };
  const { images } = call.inputs as { images: TensorInfo };
  const [N, , , C] = images.shape as [number, number, number, number];
  const attributes: Attributes = {
    mode: 'linear',
    coordinate_transformation_mode: alignCorners ? 'align_corners' : halfPixelCenters ? 'half_pixel' : 'asymmetric',
  };
  channelsFirst(graph, call, { x: images, run: (first) => graph.node('Resize', [first, '', '', graph.ints([N, C, ...size])], attributes)[0]! });
};

/** Kernels on images. */
export const imageKernels: Readonly<Record<string, Converter>> = {
  SpatialganConv2d: conv2d,
  SpatialganConv2dInputGrad: conv2dInputGrad,
  SpatialganUpfirdn2d: upfirdn2d,
  AvgPool: avgPool,
  ResizeBilinear: resizeBilinear,
};
