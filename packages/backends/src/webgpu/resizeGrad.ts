import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';
import { POSITION } from './resize.js';

type Size = readonly [number, number];

/** Each entry of the result sums what it gave: of the rows and columns within one of it, no atomics and always in one order. */
const program = (lanes: 1 | 4) => elementwiseProgram('resizeGrad', lanes, {
  inputs: ['dy'],
  outputs: ['dx'],
  ints: ['H', 'W', 'C', 'h', 'w'],
  functions: /* wgsl */ `
${POSITION}
// The entries of the resized axis that may touch entry i of the other: first and last.
fn reach(i: i32, given: i32, to: i32) -> vec2i {
  if (given == 1) { return vec2i(0, to - 1); }
  let span = max(to - 1, 1);
  return clamp(vec2i(((i - 1) * span) / (given - 1), ((i + 1) * span + given - 2) / (given - 1)), vec2i(0), vec2i(to - 1));
}
fn share(entry: i32, i: i32, given: i32, to: i32) -> f32 {
  let at = position(entry, given, to);
  let low = i32(at.x);
  let high = min(low + 1, given - 1);
  return select(0, 1 - at.y, low == i) + select(0, at.y, high == i);
}`,
  body: /* wgsl */ `
  let c = i % params.C;
  let column = (i / params.C) % params.W;
  let row = (i / (params.C * params.W)) % params.H;
  let n = i / (params.C * params.W * params.H);
  let rows = reach(row, params.H, params.h);
  let columns = reach(column, params.W, params.w);
  var sum = T(0);
  for (var y = rows.x; y <= rows.y; y++) {
    let down = share(y, row, params.H, params.h);
    if (down == 0) { continue; }
    for (var x = columns.x; x <= columns.y; x++) {
      sum += dy[((n * params.h + y) * params.w + x) * params.C + c] * (down * share(x, column, params.W, params.w));
    }
  }
  dx[i] = sum;`,
});
const programs = { 1: program(1), 4: program(4) } as const;

/** Compiled when the backend is activated. */
export const RESIZE_GRAD_PROGRAMS = [programs[1], programs[4]];

/** RESIZE_GRAD: one pass. */
export function resizeGrad(gpu: GpuContext, dy: TensorInfo, { size: [h, w], from: [H, W] }: { readonly size: Size; readonly from: Size }): TensorInfo {
  const [N, , , C] = dy.shape as [number, number, number, number];
  const lanes = lanesOf(C);
  const out = gpu.output([N, H, W, C]);
  elementwise(gpu, programs[lanes], { lanes, size: N * H * W * C, inputs: [dy], outputs: [out], ints: [H, W, C / lanes, h, w] });
  return out;
}
