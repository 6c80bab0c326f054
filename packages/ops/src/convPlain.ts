import {
  conv2d as tfConv2d, matMul, pad, reshape, reverse, slice, type Tensor, type Tensor2D, type Tensor4D, tidy, transpose,
} from '@tensorflow/tfjs-core';
import type { ConvAttrs } from './kernelNames.js';

type Inputs = Readonly<Record<string, Tensor>>;

/** Forward convolution on tfjs's own kernel, the one convolution that every backend has. */
export function forwardConv(x: Tensor4D, filter: Tensor4D, { stride, padding: [t, b, l, r] }: ConvAttrs): Tensor4D {
  const [kh, kw, I, O] = filter.shape;
  const [N, H, W] = x.shape;
  if (kh === 1 && kw === 1 && stride === 1 && t + b + l + r === 0) {
    const rows = reshape(x, [N * H * W, I]) as Tensor2D;
    return reshape(matMul(rows, reshape(filter, [I, O])), [N, H, W, O]) as Tensor4D;
  }
  return tfConv2d(x, filter, stride, t + b + l + r === 0 ? 'valid' : [[0, 0], [t, b], [l, r], [0, 0]]);
}

/** Plain form of CONV2D. */
export const plainConv2d = ({ x, filter }: Inputs, attrs: ConvAttrs): Tensor4D =>
  forwardConv(x as Tensor4D, filter as Tensor4D, attrs);

/** Fits x to [.., H, W, ..] from an offset: what lies outside is zero, what is too much is cut. */
export function window(x: Tensor4D, [top, left]: readonly [number, number], [H, W]: readonly [number, number]): Tensor4D {
  const [N, h, w, C] = x.shape;
  if (top === 0 && left === 0 && h === H && w === W) return x;
  const [t, l] = [Math.max(-top, 0), Math.max(-left, 0)];
  const [b, r] = [Math.max(top + H - h, 0), Math.max(left + W - w, 0)];
  const padded = t + b + l + r > 0 ? pad(x, [[0, 0], [t, b], [l, r], [0, 0]]) : x;
  const [, ph, pw] = padded.shape;
  if (ph === H && pw === W) return padded;
  return slice(padded, [0, Math.max(top, 0), Math.max(left, 0), 0], [N, H, W, C]);
}

const flipSwap = (filter: Tensor4D): Tensor4D => {
  const [kh, kw] = filter.shape;
  return transpose(kh * kw === 1 ? filter : reverse(filter, [0, 1]), [0, 1, 3, 2]);
};

/** Plain form of CONV2D_INPUT_GRAD. */
export function plainInputGrad(inputs: Inputs, { stride, padding, size }: ConvAttrs & { readonly size: readonly [number, number] }): Tensor4D {
  return tidy(() => {
    const [dy, filter] = [inputs['dy'] as Tensor4D, inputs['filter'] as Tensor4D];
    const [kh, kw] = filter.shape;
    const [, h, w] = dy.shape;
    const [t, , l] = padding;
    const [H, W] = size;
    const spread = stride === 1 ? dy : zeroInsert(dy, [stride, stride]);
    const [sh, sw] = [(h - 1) * stride + 1, (w - 1) * stride + 1];
    const [top, left] = [kh - 1 - t, kw - 1 - l];
    const pads = [top, H + kh - 1 - top - sh, left, W + kw - 1 - left - sw] as const;
    if (pads.every((p) => p >= 0)) return forwardConv(window(spread, [0, 0], [sh, sw]), flipSwap(filter), { stride: 1, padding: pads });
    return forwardConv(window(spread, [-top, -left], [H + kh - 1, W + kw - 1]), flipSwap(filter), { stride: 1, padding: [0, 0, 0, 0] });
  });
}

/** [N,h,w,C] → [N,h·sy,w·sx,C] with zeros after each entry. */
export function zeroInsert(x: Tensor4D, [sy, sx]: readonly [number, number]): Tensor4D {
  const [N, h, w, C] = x.shape;
  const wide = sx === 1 ? x : pad(reshape(x, [N * h * w, C]), [[0, 0], [0, (sx - 1) * C]]);
  const row = w * sx * C;
  const tall = sy === 1 ? wide : pad(reshape(wide, [N * h, row]), [[0, 0], [0, (sy - 1) * row]]);
  return reshape(tall, [N, h * sy, w * sx, C]);
}

/** Plain form of CONV2D_FILTER_GRAD. */
export function plainFilterGrad(inputs: Inputs, { stride, padding: [t, , l], size }: ConvAttrs & { readonly size: readonly [number, number] }): Tensor4D {
  return tidy(() => {
    const [x, dy] = [inputs['x'] as Tensor4D, inputs['dy'] as Tensor4D];
    const [kh, kw] = size;
    const [, h, w] = dy.shape;
    const need = [(h - 1) * stride + kh, (w - 1) * stride + kw] as const;
    const xT = transpose(window(x, [-t, -l], need), [3, 1, 2, 0]) as Tensor4D;
    const dyT = transpose(dy, [1, 2, 0, 3]) as Tensor4D;
    const dw = tfConv2d(xT, dyT, 1, 'valid', 'NHWC', stride);
    return transpose(dw, [1, 2, 0, 3]) as Tensor4D;
  });
}
