import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type BiasLreluAttrs, type UpfirdnAttrs, upfirdnSize } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import { elementwise, elementwiseProgram, lanesOf } from './elementwise.js';
import {
  EPILOGUE_FLOATS, EPILOGUE_INTS, EPILOGUE_TYPES, epilogueFloats, type EpilogueInputs, epilogueInts, type EpilogueParts, epilogueSource, partsOf,
} from './epilogue.js';

/** Only the taps that meet an entry of x are read: with zeros inserted between, every up-th. */
const program = (lanes: 1 | 4, parts?: EpilogueParts) => elementwiseProgram(`upfirdn2d${parts ? `_${['act', ...parts].join('_')}_` : ''}`, lanes, {
  inputs: ['x', 'f', ...parts ?? []],
  outputs: ['y'],
  ints: ['H', 'W', 'C', 'h', 'w', 'fh', 'fw', 'upY', 'upX', 'downY', 'downX', 'top', 'left', 'correlate', 'separable', ...(parts ? EPILOGUE_INTS : [])],
  floats: ['gain', ...(parts ? EPILOGUE_FLOATS : [])],
  types: { f: 'f32', ...EPILOGUE_TYPES },
  functions: /* wgsl */ `${parts ? epilogueSource(parts, 'params.C') : ''}
fn tap(ky: i32, kx: i32) -> f32 {
  let y = select(params.fh - 1 - ky, ky, params.correlate != 0);
  let x = select(params.fw - 1 - kx, kx, params.correlate != 0);
  if (params.separable != 0) { return f[y] * f[x]; }
  return f[y * params.fw + x];
}`,
  body: /* wgsl */ `
  let c = i % params.C;
  let column = (i / params.C) % params.w;
  let row = (i / (params.C * params.w)) % params.h;
  let n = i / (params.C * params.w * params.h);
  let y0 = row * params.downY - params.top;
  let x0 = column * params.downX - params.left;
  // The first taps at or after the image's edge that meet an entry.
  let startY = max(0, -y0);
  let startX = max(0, -x0);
  let ky0 = startY + (params.upY - (y0 + startY) % params.upY) % params.upY;
  let kx0 = startX + (params.upX - (x0 + startX) % params.upX) % params.upX;
  var sum = T(0);
  for (var ky = ky0; ky < params.fh; ky += params.upY) {
    let sy = (y0 + ky) / params.upY;
    if (sy >= params.H) { break; }
    for (var kx = kx0; kx < params.fw; kx += params.upX) {
      let sx = (x0 + kx) / params.upX;
      if (sx >= params.W) { break; }
      sum += x[((n * params.H + sy) * params.W + sx) * params.C + c] * tap(ky, kx);
    }
  }
  y[i] = ${parts ? 'finish(sum * params.gain, n, c, i / params.C)' : 'sum * params.gain'};`,
});
const programs = { 1: program(1), 4: program(4) } as const;

/** Compiled when the backend is activated. */
export const UPFIRDN_PROGRAMS = [programs[1], programs[4]];

/** What upfirdn2d may do with its result before it writes it. */
export type UpfirdnEpilogue = EpilogueInputs & { readonly attrs: BiasLreluAttrs };

/** UPFIRDN2D: one pass for filters of one and of two dimensions. */
export function upfirdn2d(gpu: GpuContext, { x, f }: { readonly x: TensorInfo; readonly f: TensorInfo }, attrs: UpfirdnAttrs, epilogue?: UpfirdnEpilogue): TensorInfo {
  const { parts, tensors = [] } = epilogue ? partsOf(epilogue) : {};
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const separable = f.shape.length === 1;
  const [fh, fw] = separable ? [f.shape[0]!, f.shape[0]!] : f.shape as [number, number];
  const [h, w] = upfirdnSize(attrs, [fh, fw]);
  const { up, down, padding: [top, , left], correlate, gain } = attrs;
  const lanes = lanesOf(C);
  const out = gpu.output([N, h, w, C]);
  elementwise(gpu, parts ? program(lanes, parts) : programs[lanes], {
    lanes, size: N * h * w * C, inputs: [x, f, ...tensors], outputs: [out],
    ints: [H, W, C / lanes, h, w, fh, fw, up[0], up[1], down[0], down[1], top, left, correlate ? 1 : 0, separable ? 1 : 0, ...(epilogue ? epilogueInts(epilogue) : [])],
    floats: [gain, ...(epilogue ? epilogueFloats(epilogue.attrs) : [])],
  });
  return out;
}
