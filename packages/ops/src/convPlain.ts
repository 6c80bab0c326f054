import {
  concat, conv2d as tfConv2d, matMul, type Rank, reshape, split, type Tensor, type Tensor2D, type Tensor4D, tidy, transpose, zeros,
} from '@tensorflow/tfjs-core';
import { interleave, window } from './grids.js';
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

type Sized = ConvAttrs & { readonly size: readonly [number, number] };

/** Convolution of a window of x that may reach over its edges. */
function windowConv(x: Tensor4D, filter: Tensor4D, { offset, out }: { readonly offset: readonly [number, number]; readonly out: readonly [number, number] }): Tensor4D {
  const [, H, W] = x.shape;
  const [kh, kw] = filter.shape;
  const [top, left] = offset;
  const need = [out[0] + kh - 1, out[1] + kw - 1] as const;
  const padding = [-top, top + need[0] - H, -left, left + need[1] - W] as const;
  if (padding.every((p) => p >= 0)) return forwardConv(x, filter, { stride: 1, padding });
  return forwardConv(window(x, offset, need), filter, { stride: 1, padding: [0, 0, 0, 0] });
}

/** One residue of the output index: which taps reach it, last first, and where they begin to read. */
function phaseOf(r: number, stride: number, { pad, taps }: { readonly pad: number; readonly taps: number }) {
  const first = (r + pad) % stride;
  const used = Array.from({ length: Math.max(Math.ceil((taps - first) / stride), 0) }, (_, m) => first + stride * m).reverse();
  return { used, offset: (r + pad - first) / stride - (used.length - 1) };
}

/**
 * Plain form of CONV2D_INPUT_GRAD: forward convolutions with the filter turned round, its channels exchanged.
 *
 * A stride s splits it into s² convolutions, one for each residue of the output index, whose results are interleaved:
 * no product with an inserted zero, 4 times less work for stride 2.
 */
export function plainInputGrad(inputs: Inputs, { stride, padding: [t, , l], size: [H, W] }: Sized): Tensor4D {
  return tidy(() => {
    const [dy, filter] = [inputs['dy'] as Tensor4D, inputs['filter'] as Tensor4D];
    const [kh, kw, I, O] = filter.shape;
    // In pieces, because tfjs-wasm's reverse takes 1.4 ms for [3,3,64,64] and this 0.2.
    const taps = split(transpose(reshape(filter, [kh * kw, I, O]), [0, 2, 1]), kh * kw, 0);
    const out = [Math.ceil(H / stride), Math.ceil(W / stride)] as const;
    const rows = Array.from({ length: Math.min(stride, H) }, (_r, r) => {
      const row = phaseOf(r, stride, { pad: t, taps: kh });
      const columns = Array.from({ length: Math.min(stride, W) }, (_c, c) => {
        const column = phaseOf(c, stride, { pad: l, taps: kw });
        const used = row.used.flatMap((y) => column.used.map((x) => taps[y * kw + x]!));
        if (used.length === 0) return zeros<Rank.R4>([dy.shape[0], ...out, I]);
        const part = reshape(used.length === 1 ? used[0]! : concat(used, 0), [row.used.length, column.used.length, O, I]) as Tensor4D;
        return windowConv(dy, part, { offset: [row.offset, column.offset], out });
      });
      return interleave(columns, 2);
    });
    return window(interleave(rows, 1), [0, 0], [H, W]);
  });
}

/** Plain form of CONV2D_FILTER_GRAD: a convolution of x with dy, batch and channels exchanged, dilated by the stride. */
export function plainFilterGrad(inputs: Inputs, { stride, padding: [t, , l], size: [kh, kw] }: Sized): Tensor4D {
  return tidy(() => {
    const [x, dy] = [inputs['x'] as Tensor4D, inputs['dy'] as Tensor4D];
    const [N, h, w, O] = dy.shape;
    const I = x.shape[3];
    const seen = window(x, [-t, -l], [(h - 1) * stride + kh, (w - 1) * stride + kw]);
    if (kh * kw * stride === 1) {
      const columns = transpose(reshape(seen, [N * h * w, I]));
      return reshape(matMul(columns, reshape(dy, [N * h * w, O])), [1, 1, I, O]);
    }
    const dw = tfConv2d<Tensor4D>(transpose(seen, [3, 1, 2, 0]), transpose(dy, [1, 2, 0, 3]), 1, 'valid', 'NHWC', stride);
    return transpose(dw, [1, 2, 0, 3]);
  });
}
