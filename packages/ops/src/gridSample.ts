import {
  add, cast, clipByValue, floor, logicalAnd, greaterEqual, less, mul, reshape, slice, sub, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tensor1d, tidy,
} from '@tensorflow/tfjs-core';
import { assertShape, stopGradient } from '@spatialgan/core';
import { gatherRows } from './rows.js';

/** One axis of the grid: the lower neighbour's index and the share of the upper one. */
interface Axis {
  readonly low: Tensor;
  readonly part: Tensor;
  readonly size: number;
}

/** Grid coordinate in [-1, 1] (edges of the image) → pixel index, PyTorch's align_corners=False. */
function axisOf(grid: Tensor2D, column: number, size: number): Axis {
  const at = sub(mul(slice(grid, [0, column], [grid.shape[0], 1]), size / 2), 0.5 - size / 2);
  const low = floor(stopGradient(at));
  return { low, part: sub(at, low), size };
}

/** The neighbour at low + step: its index inside the image, its weight, and 0 where it lies outside. */
function neighbour({ low, part, size }: Axis, step: 0 | 1) {
  const index = add(low, step);
  const inside = cast(logicalAnd(greaterEqual(index, 0), less(index, size)), 'float32');
  return { index: clipByValue(index, 0, size - 1), weight: mul(step ? part : sub(1, part), inside) };
}

/**
 * Samples x bilinearly where the grid says; what lies outside is zero (PyTorch's grid_sample, align_corners=False).
 *
 * Differentiable: any order in x and, away from pixel centres, in the grid.
 *
 * @param x [N,H,W,C].
 * @param grid [N,h,w,2], (x, y), -1 and 1 being the outer edges of the image.
 * @returns [N,h,w,C].
 * @throws SpatialGANError 'SHAPE' when the grid is not one of (x, y) per sample.
 */
export function gridSample(x: Tensor4D, grid: Tensor4D): Tensor4D {
  const [N, H, W, C] = x.shape;
  assertShape('gridSample: grid', grid.shape, [N, null, null, 2], 'one (x, y) per output pixel and sample');
  const [, h, w] = grid.shape;
  return tidy(() => {
    const points = reshape(grid, [N * h * w, 2]) as Tensor2D;
    const [across, along] = [axisOf(points, 0, W), axisOf(points, 1, H)];
    const rows = reshape(x, [N * H * W, C]) as Tensor2D;
    const first = reshape(tensor1d(Array.from({ length: N * h * w }, (_, i) => Math.floor(i / (h * w)) * H * W)), [N * h * w, 1]);
    const corners = ([[0, 0], [0, 1], [1, 0], [1, 1]] as const).map(([dy, dx]) => {
      const [row, column] = [neighbour(along, dy), neighbour(across, dx)];
      const index = cast(add(first, add(mul(row.index, W), column.index)), 'int32');
      return mul(gatherRows(rows, reshape(index, [N * h * w]) as Tensor1D), mul(row.weight, column.weight));
    });
    const sum = add(add(corners[0]!, corners[1]!), add(corners[2]!, corners[3]!));
    return reshape(sum, [N, h, w, C]) as Tensor4D;
  });
}
