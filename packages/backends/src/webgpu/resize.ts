import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';

type Size = readonly [number, number];

/** Where entry i of an axis of `to` entries lies among `given`, corners aligned: the entry below and the share of the next. */
export const POSITION = /* wgsl */ `
fn position(i: i32, given: i32, to: i32) -> vec2f {
  // In whole numbers, so that what falls on an entry does so exactly.
  let span = max(to - 1, 1);
  let whole = i * (given - 1) / span;
  return vec2f(f32(whole), f32(i * (given - 1) - whole * span) / f32(span));
}`;

const program = (lanes: 1 | 4) => elementwiseProgram('resize', lanes, {
  inputs: ['x'],
  outputs: ['y'],
  ints: ['H', 'W', 'C', 'h', 'w'],
  functions: POSITION,
  body: /* wgsl */ `
  let c = i % params.C;
  let column = position((i / params.C) % params.w, params.W, params.w);
  let row = position((i / (params.C * params.w)) % params.h, params.H, params.h);
  let n = i / (params.C * params.w * params.h);
  let top = (n * params.H + i32(row.x)) * params.W;
  let bottom = (n * params.H + min(i32(row.x) + 1, params.H - 1)) * params.W;
  let left = i32(column.x);
  let right = min(left + 1, params.W - 1);
  let above = mix(x[(top + left) * params.C + c], x[(top + right) * params.C + c], T(column.y));
  let below = mix(x[(bottom + left) * params.C + c], x[(bottom + right) * params.C + c], T(column.y));
  y[i] = mix(above, below, T(row.y));`,
});
const programs = { 1: program(1), 4: program(4) } as const;

/** Compiled when the backend is activated. */
export const RESIZE_PROGRAMS = [programs[1], programs[4]];

/** RESIZE: one pass. */
export function resize(gpu: GpuContext, x: TensorInfo, { size: [h, w], from: [H, W] }: { readonly size: Size; readonly from: Size }): TensorInfo {
  const [N, , , C] = x.shape as [number, number, number, number];
  const lanes = lanesOf(C);
  const out = gpu.output([N, h, w, C]);
  elementwise(gpu, programs[lanes], { lanes, size: N * h * w * C, inputs: [x], outputs: [out], ints: [H, W, C / lanes, h, w] });
  return out;
}
