import {
  add, backend_util, cast, div, equal, type GradConfig, maximum, mul, type NamedAttrMap, ones, pad, reshape, slice, type Tensor, type Tensor4D,
} from '@tensorflow/tfjs-core';
import { SpatialGANError, stopGradient, vjp } from '@spatialgan/core';
import { correlationFilterGrad, correlationInputGrad } from '../convOps.js';
import { window } from '../grids.js';
import { gradient } from './gradient.js';

type Info = backend_util.Conv2DInfo;

/** The gradients below are for NHWC without dilation, as networks use them. */
function supported(where: string, info: Info): Info {
  if (info.dataFormat !== 'channelsLast' || info.dilationHeight * info.dilationWidth !== 1) {
    throw new SpatialGANError('NOT_DIFFERENTIABLE', `${where}: the gradient needs NHWC without dilation; use @spatialgan/ops' conv2d`);
  }
  return info;
}

const convInfo = (x: Tensor, filter: Tensor, { attrs, depthwise }: { readonly attrs: NamedAttrMap; readonly depthwise: boolean }): Info =>
  supported(depthwise ? 'depthwiseConv2d' : 'conv2d', backend_util.computeConv2DInfo(
    x.shape as Tensor4D['shape'], filter.shape as Tensor4D['shape'], attrs['strides'] as [number, number],
    (attrs['dilations'] ?? 1) as [number, number], attrs['pad'] as 'same', attrs['dimRoundingMode'] as 'floor', depthwise,
  ));

const poolInfo = (x: Tensor, attrs: NamedAttrMap): Info =>
  supported('pool', backend_util.computePool2DInfo(
    x.shape as Tensor4D['shape'], attrs['filterSize'] as [number, number], attrs['strides'] as [number, number], 1,
    attrs['pad'] as 'same', attrs['dimRoundingMode'] as 'floor',
  ));

/** Every s-th row and column from a tap's offset on, as many as there are outputs. x must be padded. */
function tap(x: Tensor4D, [row, column]: readonly [number, number], info: Info): Tensor4D {
  const { strideHeight: sy, strideWidth: sx, outHeight: h, outWidth: w } = info;
  const [N, , , C] = x.shape;
  if (sy * sx === 1) return slice(x, [0, row, column, 0], [N, h, w, C]);
  const cut = window(x, [row, column], [h * sy, w * sx]);
  const rows = reshape(slice(reshape(cut, [N * h, sy, w * sx * C]), [0, 0, 0], [N * h, 1, w * sx * C]), [N * h * w, sx, C]);
  return reshape(slice(rows, [0, 0, 0], [N * h * w, 1, C]), [N, h, w, C]);
}

const taps = ({ filterHeight, filterWidth }: Info): [number, number][] =>
  Array.from({ length: filterHeight * filterWidth }, (_, i) => [Math.floor(i / filterWidth), i % filterWidth]);

const padded = (x: Tensor4D, { padInfo }: Info, value = 0): Tensor4D =>
  pad(x, [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]], value);

const total = (parts: readonly Tensor[]): Tensor => parts.reduce((a, b) => add(a, b));

/** Depthwise convolution as a sum of shifted products, which differentiates to any order on every backend. */
function depthwise(x: Tensor4D, filter: Tensor4D, info: Info): Tensor4D {
  const [, , C, M] = filter.shape;
  const wide = padded(x, info);
  const parts = taps(info).map((at) => {
    const seen = tap(wide, at, info);
    const [N, h, w] = seen.shape;
    return mul(reshape(seen, [N * h * w, C, 1]), reshape(slice(filter, [...at, 0, 0], [1, 1, C, M]), [1, C, M]));
  });
  return reshape(total(parts), [x.shape[0], info.outHeight, info.outWidth, C * M]);
}

function avgPool(x: Tensor4D, info: Info): Tensor4D {
  const sumOf = (t: Tensor4D): Tensor => total(taps(info).map((at) => tap(padded(t, info), at, info)));
  return div(sumOf(x), sumOf(stopGradient(ones([1, x.shape[1], x.shape[2], 1])))) as Tensor4D;
}

/** The first of the largest entries of each window, chosen by a constant mask. */
function maxPool(x: Tensor4D, info: Info): Tensor4D {
  const lowest = -3.4e38;
  const wide = padded(x, info, lowest);
  const fixed = stopGradient(wide);
  const seen = taps(info).map((at) => tap(fixed, at, info) as Tensor);
  const top = seen.reduce((a, b) => maximum(a, b));
  let free: Tensor = ones(top.shape);
  const parts = taps(info).map((at, i) => {
    const chosen = mul(free, cast(equal(seen[i]!, top), 'float32'));
    free = mul(free, add(mul(chosen, -1), 1));
    return mul(tap(wide, at, info), stopGradient(chosen));
  });
  return total(parts) as Tensor4D;
}

const strideOf = (info: Info): number => {
  if (info.strideHeight === info.strideWidth) return info.strideHeight;
  throw new SpatialGANError('NOT_DIFFERENTIABLE', 'conv2d: the gradient needs one stride for both axes');
};

const convAttrs = (info: Info) => {
  const { top, bottom, left, right } = info.padInfo;
  return { stride: strideOf(info), padding: [top, bottom, left, right] as const };
};

/** Gradients of tfjs's own convolutions and pools, for networks that were not built from our ops. Any order. */
export const windowGradients: readonly GradConfig[] = /* @__PURE__ */ (() => [
  gradient('Conv2D', ['x', 'filter'], {
    x: (dy, [x, filter], attrs) => correlationInputGrad(dy as Tensor4D, filter as Tensor4D, {
      ...convAttrs(convInfo(x!, filter!, { attrs, depthwise: false })), size: [x!.shape[1]!, x!.shape[2]!],
    }),
    filter: (dy, [x, filter], attrs) => correlationFilterGrad(x as Tensor4D, dy as Tensor4D, {
      ...convAttrs(convInfo(x!, filter!, { attrs, depthwise: false })), size: [filter!.shape[0]!, filter!.shape[1]!],
    }),
  }),
  gradient('DepthwiseConv2dNative', ['x', 'filter'], {
    x: (dy, [x, filter], attrs) => {
      const info = convInfo(x!, filter!, { attrs, depthwise: true });
      return vjp(() => depthwise(x as Tensor4D, filter as Tensor4D, info), [x!], dy as Tensor4D).grads[0]!;
    },
    filter: (dy, [x, filter], attrs) => {
      const info = convInfo(x!, filter!, { attrs, depthwise: true });
      return vjp(() => depthwise(x as Tensor4D, filter as Tensor4D, info), [filter!], dy as Tensor4D).grads[0]!;
    },
  }),
  gradient('AvgPool', ['x'], {
    x: (dy, [x], attrs) => vjp(() => avgPool(x as Tensor4D, poolInfo(x!, attrs)), [x!], dy as Tensor4D).grads[0]!,
  }),
  gradient('MaxPool', ['x'], {
    x: (dy, [x], attrs) => vjp(() => maxPool(x as Tensor4D, poolInfo(x!, attrs)), [x!], dy as Tensor4D).grads[0]!,
  }),
])();
