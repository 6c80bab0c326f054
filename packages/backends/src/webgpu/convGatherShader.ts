import { type Arithmetic, type ArithmeticSource, arithmeticSource, MATRIX_TILE } from './convArithmetic.js';
import { declarations, type GatherVariant, readBackward, readForward, readSource, write } from './convGatherAccess.js';
import { threadsOf, type Tile, TILES, type TileName } from './convTiles.js';
import { GROUP_INDEX } from './grid.js';
import type { Program } from './pipelines.js';

/** WGSL that brings depth × columns entries of the filter into `tileB`. */
function loadFilter(tile: Tile, turned: boolean, { put }: ArithmeticSource): string {
  const { columns, depth } = tile;
  const threads = threadsOf(tile);
  const across = columns / 4;
  if (!turned) {
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

function source(name: TileName, { vec, backward, arithmetic = 'float32', modulated }: GatherVariant): string {
  const tile: Tile = typeof arithmetic === 'object' ? MATRIX_TILE : TILES[name];
  const threads = threadsOf(tile);
  const quads = tile.depth / 4;
  const how = arithmeticSource(arithmetic, tile);
  const turned = backward && !modulated; // the filter's channels are exchanged
  return /* wgsl */ `
${how.enable}
${declarations(vec, modulated)}
${GROUP_INDEX}
${how.tiles}

fn readSource(pixel: i32, c: i32) -> vec4f {
  ${readSource(vec, modulated)}
}
fn readFilter(tap: i32, c: i32, o: i32) -> vec4f {
  ${turned ? readBackward(vec) : readForward(vec)}
}
// Of the used taps of a phase, the place of the t-th in the filter.
fn tapOf(t: i32, phase: vec2i, tapsX: i32) -> i32 {
  ${backward ? 'let first = (phase + vec2i(params.padY, params.padX)) % params.stride;' : 'let first = vec2i(0);'}
  let step = ${backward ? 'params.stride' : '1'};
  let tap = (first.x + step * (t / tapsX)) * params.kw + first.y + step * (t % tapsX);
  return ${modulated ? 'select(tap, params.kh * params.kw - 1 - tap, params.turn != 0)' : 'tap'};
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
  ${write(vec, Boolean(modulated?.epilogue))}
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
    ${loadFilter(tile, turned, how)}
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

function labelOf({ backward, modulated }: GatherVariant): string {
  if (!modulated) return `conv2d${backward ? 'InputGrad' : ''}`;
  const { styles, epilogue } = modulated;
  return ['modulatedConv2d', backward ? 'up' : 'same', styles, ...(epilogue ? ['act', ...epilogue] : [])].join('_');
}

/** The program of a tile and a variant. */
export const gatherProgram = (name: TileName, variant: GatherVariant): Program => ({
  label: `${labelOf(variant)}_${name}${variant.vec ? 4 : 1}${suffixOf(variant.arithmetic)}`,
  code: () => source(name, variant),
});
