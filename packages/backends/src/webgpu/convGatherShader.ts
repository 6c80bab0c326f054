import { type Arithmetic, type ArithmeticSource, arithmeticSource, MATRIX_TILE } from './convArithmetic.js';
import { threadsOf, type Tile, TILES, type TileName } from './convTiles.js';
import { GROUP_INDEX } from './grid.js';
import type { Program } from './pipelines.js';

/** Members of `params`, in order. */
export const GATHER_INTS = [
  'n', 'srcH', 'srcW', 'inner', 'outH', 'outW', 'columns', 'kh', 'kw', 'stride', 'padY', 'padX', 'phases', 'rowsY', 'rowsX', 'tilesM', 'tilesN', 'splits',
] as const;

/** How the shader reads and writes. */
export interface GatherVariant {
  /** Channels on both sides divide by four: every access is a vector. */
  readonly vec: boolean;
  /** The gradient by the input. */
  readonly backward: boolean;
  /** Default 'float32'. */
  readonly arithmetic?: Arithmetic;
}

/** Four channels of a pixel of the source, zeros outside. */
const readSource = (vec: boolean): string => vec
  ? 'return src[(pixel * params.inner + c) / 4];'
  : `let at = pixel * params.inner + c;
  let left = params.inner - c;
  return vec4f(src[at], select(0, src[at + 1], left > 1), select(0, src[at + 2], left > 2), select(0, src[at + 3], left > 3));`;

/** Forward: the filter's entries (tap, inner channel c, columns o..o+3). */
const readForward = (vec: boolean): string => vec
  ? 'return filt[((tap * params.inner + c) * params.columns + o) / 4];'
  : `let at = (tap * params.inner + c) * params.columns + o;
  let left = params.columns - o;
  return vec4f(filt[at], select(0, filt[at + 1], left > 1), select(0, filt[at + 2], left > 2), select(0, filt[at + 3], left > 3));`;

/** Backward: the filter is [tap, column o, inner c..c+3]. */
const readBackward = (vec: boolean): string => vec
  ? 'return filt[((tap * params.columns + o) * params.inner + c) / 4];'
  : `let at = (tap * params.columns + o) * params.inner + c;
  let left = params.inner - c;
  return vec4f(filt[at], select(0, filt[at + 1], left > 1), select(0, filt[at + 2], left > 2), select(0, filt[at + 3], left > 3));`;

/** WGSL that brings depth × columns entries of the filter into `tileB`. */
function loadFilter(tile: Tile, backward: boolean, { put }: ArithmeticSource): string {
  const { columns, depth } = tile;
  const threads = threadsOf(tile);
  const across = columns / 4;
  if (!backward) {
    return /* wgsl */ `
    for (var e = lid; e < ${depth * across}; e += ${threads}) {
      let k = e / ${across};
      let q = q0 + k / 4;
      let o = tileN * ${columns} + (e % ${across}) * 4;
      let c = (q % inner4) * 4 + k % 4;
      var value = vec4f(0);
      if (q < qEnd && c < params.inner && o < params.columns) { value = readFilter(tapOf(q / inner4, phase, tapsX), c, o); }
      ${put('tileB', 'e', 'value')}
    }`;
  }
  // A block of 4 columns × 4 inner channels is turned in registers, so that every access to memory stays a vector.
  return /* wgsl */ `
    for (var e = lid; e < ${depth / 4 * across}; e += ${threads}) {
      let q = q0 + e / ${across};
      let o = tileN * ${columns} + (e % ${across}) * 4;
      let c = (q % inner4) * 4;
      var block = mat4x4f();
      if (q < qEnd) {
        let tap = tapOf(q / inner4, phase, tapsX);
        for (var j = 0; j < 4; j++) { if (o + j < params.columns) { block[j] = readFilter(tap, c, o + j); } }
      }
      let turned = transpose(block);
      for (var i = 0; i < 4; i++) { ${put('tileB', `((e / ${across}) * 4 + i) * ${across} + e % ${across}`, 'turned[i]')} }
    }`;
}

const write = (vec: boolean): string => vec
  ? 'out[(at + o) / 4] = value;'
  : 'for (var j = 0; j < 4; j++) { if (o + j < params.columns) { out[at + o + j] = value[j]; } }';

function source(name: TileName, { vec, backward, arithmetic = 'float32' }: GatherVariant): string {
  const tile: Tile = typeof arithmetic === 'object' ? MATRIX_TILE : TILES[name];
  const threads = threadsOf(tile);
  const quads = tile.depth / 4;
  const how = arithmeticSource(arithmetic, tile);
  const V = vec ? 'vec4f' : 'f32';
  return /* wgsl */ `
${how.enable}
struct Params { ${GATHER_INTS.map((key) => `${key}: i32`).join(', ')} }
@group(0) @binding(0) var<storage, read> src: array<${V}>;
@group(0) @binding(1) var<storage, read> filt: array<${V}>;
@group(0) @binding(2) var<storage, read_write> out: array<${V}>;
@group(0) @binding(3) var<uniform> params: Params;
${GROUP_INDEX}
${how.tiles}

fn readSource(pixel: i32, c: i32) -> vec4f {
  ${readSource(vec)}
}
fn readFilter(tap: i32, c: i32, o: i32) -> vec4f {
  ${backward ? readBackward(vec) : readForward(vec)}
}
// Of the used taps of a phase, the place of the t-th in the filter.
fn tapOf(t: i32, phase: vec2i, tapsX: i32) -> i32 {
  ${backward ? 'let first = (phase + vec2i(params.padY, params.padX)) % params.stride;' : 'let first = vec2i(0);'}
  let step = ${backward ? 'params.stride' : '1'};
  return (first.x + step * (t / tapsX)) * params.kw + first.y + step * (t % tapsX);
}
fn usedTaps(phase: vec2i) -> vec2i {
  ${backward
    ? `let first = (phase + vec2i(params.padY, params.padX)) % params.stride;
  return max(vec2i(0), (vec2i(params.kh, params.kw) - first + params.stride - 1) / params.stride);`
    : 'return vec2i(params.kh, params.kw);'}
}
// Row r of the product: sample and pixel of its phase.
fn place(r: i32) -> vec3i {
  let perImage = params.rowsY * params.rowsX;
  let p = r % perImage;
  return vec3i(r / perImage, p / params.rowsX, p % params.rowsX);
}

// Where this workgroup's results go: its tile of the product, its part of the sum, its phase.
struct Target { tileM: i32, tileN: i32, split: i32, phase: vec2i }
var<private> goal: Target;
fn store(tileRow: i32, tileColumn: i32, value: vec4f) {
  let row = goal.tileM * ${tile.rows} + tileRow;
  let o = goal.tileN * ${tile.columns} + tileColumn;
  if (row >= params.n * params.rowsY * params.rowsX || o >= params.columns) { return; }
  let source = place(row);
  let pixel = source.yz * params.phases + goal.phase;
  if (pixel.x >= params.outH || pixel.y >= params.outW) { return; }
  let at = (((goal.split * params.n + source.x) * params.outH + pixel.x) * params.outW + pixel.y) * params.columns;
  ${write(vec)}
}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32${how.builtins}) {
  let lid = i32(local);
  var id = groupIndex(group, groups);
  let tileN = id % params.tilesN; id /= params.tilesN;
  let tileM = id % params.tilesM; id /= params.tilesM;
  let split = id % params.splits; id /= params.splits;
  if (id >= params.phases * params.phases) { return; }
  let phase = vec2i(id / params.phases, id % params.phases);
  goal = Target(tileM, tileN, split, phase);
  let rows = params.n * params.rowsY * params.rowsX;
  let inner4 = (params.inner + 3) / 4;
  let taps = usedTaps(phase);
  let tapsX = max(taps.y, 1);
  let quads = taps.x * taps.y * inner4;
  // Whole tiles of the inner dimension to each part.
  let share = ((quads + params.splits - 1) / params.splits + ${quads - 1}) / ${quads} * ${quads};
  let qBegin = split * share;
  let qEnd = min(quads, qBegin + share);
  ${backward
    ? 'let origin = (phase + vec2i(params.padY, params.padX)) / params.stride;'
    : 'let origin = -vec2i(params.padY, params.padX);'}
  ${how.begin}
  for (var q0 = qBegin; q0 < qEnd; q0 += ${quads}) {
    for (var e = lid; e < ${tile.rows * quads}; e += ${threads}) {
      let r = tileM * ${tile.rows} + e / ${quads};
      let q = q0 + e % ${quads};
      var value = vec4f(0);
      if (r < rows && q < qEnd) {
        let at = place(r);
        let t = q / inner4;
        let offset = vec2i(t / tapsX, t % tapsX);
        let pixel = ${backward ? 'at.yz + origin - offset' : 'at.yz * params.stride + origin + offset'};
        if (all(pixel >= vec2i(0)) && pixel.x < params.srcH && pixel.y < params.srcW) {
          value = readSource((at.x * params.srcH + pixel.x) * params.srcW + pixel.y, (q % inner4) * 4);
        }
      }
      ${how.put('tileA', 'e', 'value')}
    }
    ${loadFilter(tile, backward, how)}
    workgroupBarrier();
    ${how.multiply}
    workgroupBarrier();
  }
  ${how.finish}
}`;
}

/** Tells programs of different arithmetics apart. */
export const suffixOf = (arithmetic: Arithmetic = 'float32'): string =>
  (typeof arithmetic === 'object' ? `_matrix${arithmetic.M}x${arithmetic.N}x${arithmetic.K}` : arithmetic === 'float16' ? '_half' : '');

/** The program of a tile and a variant. */
export const gatherProgram = (name: TileName, variant: GatherVariant): Program => ({
  label: `conv2d${variant.backward ? 'InputGrad' : ''}_${name}${variant.vec ? 4 : 1}${suffixOf(variant.arithmetic)}`,
  code: () => source(name, variant),
});
