import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ConvAttrs } from '@spatialgan/ops';
import type { GpuContext } from './context.js';
import type { Arithmetic } from './convArithmetic.js';
import { splitsFor, TILES, type TileName, tileFor } from './convTiles.js';
import { GROUP_INDEX } from './grid.js';
import type { Program } from './pipelines.js';
import { sumParts } from './sumParts.js';

const INTS = ['n', 'srcH', 'srcW', 'inner', 'outH', 'outW', 'columns', 'kh', 'kw', 'stride', 'padY', 'padX', 'tilesM', 'tilesN', 'splits'] as const;

const four = (array: string, limit: string, first: string, vec: boolean): string => vec
  ? `${array}[at / 4]`
  : `vec4f(${array}[at], ${[1, 2, 3].map((k) => `select(0, ${array}[at + ${k}], ${limit} - ${first} > ${k})`).join(', ')})`;

/** Rows are the filter's taps and inner channels, columns its outer ones; the sum runs over pixels. */
function source(name: TileName, vec: boolean, half: boolean): string {
  const tile = TILES[name];
  const { depth } = tile;
  const [across, down] = [tile.columns / 4, tile.rows / 4];
  const threads = across * down;
  const V = vec ? 'vec4f' : 'f32';
  const H = half ? 'vec4<f16>' : 'vec4f';
  const rounded = half ? 'vec4<f16>(clamp(value, vec4f(-65504), vec4f(65504)))' : 'value';
  return /* wgsl */ `
${half ? 'enable f16;' : ''}
struct Params { ${INTS.map((key) => `${key}: i32`).join(', ')} }
@group(0) @binding(0) var<storage, read> src: array<${V}>;
@group(0) @binding(1) var<storage, read> dy: array<${V}>;
@group(0) @binding(2) var<storage, read_write> out: array<${V}>;
@group(0) @binding(3) var<uniform> params: Params;
${GROUP_INDEX}
var<workgroup> tileA: array<${H}, ${depth * down}>;
var<workgroup> tileB: array<${H}, ${depth * across}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let lid = i32(local);
  var id = groupIndex(group, groups);
  let tileN = id % params.tilesN; id /= params.tilesN;
  let tileM = id % params.tilesM; id /= params.tilesM;
  let split = id;
  if (split >= params.splits) { return; }
  let inner4 = (params.inner + 3) / 4;
  let rows4 = params.kh * params.kw * inner4;
  let perImage = params.outH * params.outW;
  let pixels = params.n * perImage;
  let share = ((pixels + params.splits - 1) / params.splits + ${depth - 1}) / ${depth} * ${depth};
  let begin = split * share;
  let end = min(pixels, begin + share);
  let tx = lid % ${across};
  let ty = lid / ${across};
  var sum = mat4x4f();
  for (var k0 = begin; k0 < end; k0 += ${depth}) {
    for (var e = lid; e < ${depth * down}; e += ${threads}) {
      let r = tileM * ${down} + e % ${down};
      let k = k0 + e / ${down};
      var value = vec4f(0);
      if (r < rows4 && k < end) {
        let tap = r / inner4;
        let c = (r % inner4) * 4;
        let p = k % perImage;
        let pixel = vec2i(p / params.outW, p % params.outW) * params.stride + vec2i(tap / params.kw - params.padY, tap % params.kw - params.padX);
        if (all(pixel >= vec2i(0)) && pixel.x < params.srcH && pixel.y < params.srcW) {
          let at = ((k / perImage * params.srcH + pixel.x) * params.srcW + pixel.y) * params.inner + c;
          value = ${four('src', 'params.inner', 'c', vec)};
        }
      }
      tileA[e] = ${rounded};
    }
    for (var e = lid; e < ${depth * across}; e += ${threads}) {
      let k = k0 + e / ${across};
      let o = tileN * ${tile.columns} + (e % ${across}) * 4;
      var value = vec4f(0);
      if (k < end && o < params.columns) {
        let at = k * params.columns + o;
        value = ${four('dy', 'params.columns', 'o', vec)};
      }
      tileB[e] = ${rounded};
    }
    workgroupBarrier();
    for (var k = 0; k < ${depth}; k++) {
      let a = vec4f(tileA[k * ${down} + ty]);
      let b = vec4f(tileB[k * ${across} + tx]);
      sum[0] += a.x * b;
      sum[1] += a.y * b;
      sum[2] += a.z * b;
      sum[3] += a.w * b;
    }
    workgroupBarrier();
  }
  let o = tileN * ${tile.columns} + tx * 4;
  let r = tileM * ${down} + ty;
  if (o >= params.columns || r >= rows4) { return; }
  let tap = r / inner4;
  for (var i = 0; i < 4; i++) {
    let c = (r % inner4) * 4 + i;
    if (c >= params.inner) { break; }
    let at = ((split * params.kh * params.kw + tap) * params.inner + c) * params.columns + o;
    ${vec ? 'out[at / 4] = sum[i];' : 'for (var j = 0; j < 4; j++) { if (o + j < params.columns) { out[at + j] = sum[i][j]; } }'}
  }
}`;
}

/** The program of a tile. */
export const filterGradProgram = (name: TileName, vec: boolean, arithmetic: Arithmetic = 'float32'): Program => {
  const half = arithmetic !== 'float32'; // of matrices it has no form of its own
  return { label: `conv2dFilterGrad_${name}${vec ? 4 : 1}${half ? '_half' : ''}`, code: () => source(name, vec, half) };
};

/** CONV2D_FILTER_GRAD: an implicit matrix product over pixels, divided among workgroups, and a pass that adds up the parts. */
export function conv2dFilterGrad(
  gpu: GpuContext, x: TensorInfo, dy: TensorInfo, { stride, padding: [t, , l], size: [kh, kw] }: ConvAttrs & { readonly size: readonly [number, number] },
): TensorInfo {
  const [N, srcH, srcW, inner] = x.shape as [number, number, number, number];
  const [, outH, outW, columns] = dy.shape as [number, number, number, number];
  const rows4 = kh * kw * Math.ceil(inner / 4);
  const name = tileFor(rows4 * 4, columns, gpu.software);
  const tile = TILES[name];
  const [tilesM, tilesN] = [Math.ceil(rows4 * 4 / tile.rows), Math.ceil(columns / tile.columns)];
  const splits = gpu.software ? 1 : splitsFor(tilesM * tilesN, N * outH * outW);
  const result = gpu.output([kh, kw, inner, columns]);
  const target = splits === 1 ? result : gpu.output([splits, kh, kw, inner, columns]);
  const values: Record<(typeof INTS)[number], number> = {
    n: N, srcH, srcW, inner, outH, outW, columns, kh, kw, stride, padY: t, padX: l, tilesM, tilesN, splits,
  };
  gpu.run({
    program: filterGradProgram(name, inner % 4 === 0 && columns % 4 === 0, gpu.arithmetic), inputs: [x, dy], outputs: [target],
    ints: INTS.map((key) => values[key]), groups: tilesM * tilesN * splits,
  });
  if (splits > 1) {
    sumParts(gpu, target, result, splits);
    gpu.free(target);
  }
  return result;
}

