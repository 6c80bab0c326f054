import type { Tile } from './convTiles.js';

/** A shape of matrices that a device multiplies at once: [M,K] · [K,N] of f16, summed in f32. */
export interface MatrixShape {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/**
 * How convolutions multiply. 'float32': all in 32 bits. 'float16': the factors are rounded to 16 bits in workgroup memory, the
 * sums keep 32. A shape: the same on matrices of whole subgroups (tensor cores).
 */
export type Arithmetic = 'float32' | 'float16' | MatrixShape;

/** The WGSL in which arithmetics differ. */
export interface ArithmeticSource {
  readonly enable: string;
  /** Declares `tileA` [rows, depth] and `tileB` [depth, columns]. */
  readonly tiles: string;
  /** Puts four values at a vector's index into a tile. */
  put(tile: 'tileA' | 'tileB', index: string, value: string): string;
  /** Parameters of `main`. */
  readonly builtins: string;
  readonly begin: string;
  /** Adds the product of the tiles. */
  readonly multiply: string;
  /** Calls `store(row of the tile, column of the tile, vec4f)` for all results of the invocation. */
  readonly finish: string;
}

/** Largest f16; beyond it a rounded value would be infinite. */
const HALF_MAX = 65504;
/** Subgroups of a workgroup that multiplies matrices, 2 × 2, and the side of each one's part. */
const [SUBGROUPS, PART] = [4, 32];
/** Invocations of a subgroup that multiplies matrices. */
export const MATRIX_SUBGROUP = 32;
/** The tile of arithmetic on matrices. */
export const MATRIX_TILE = { rows: 64, columns: 64, perThread: 8, depth: 16 } as const satisfies Tile;

function onVectors({ rows, columns, perThread, depth }: Tile, half: boolean): ArithmeticSource {
  const [across, quads, down] = [columns / 4, depth / 4, rows / perThread];
  const V = half ? 'vec4<f16>' : 'vec4f';
  const read = (entry: string): string => (half ? `vec4f(${entry})` : entry);
  return {
    enable: half ? 'enable f16;' : '',
    tiles: `var<workgroup> tileA: array<${V}, ${rows * quads}>;\nvar<workgroup> tileB: array<${V}, ${depth * across}>;`,
    put: (tile, index, value) => `${tile}[${index}] = ${half ? `${V}(clamp(${value}, vec4f(-${HALF_MAX}), vec4f(${HALF_MAX})))` : value};`,
    builtins: '',
    begin: `
  let tx = lid % ${across};
  let ty = lid / ${across};
  var sum: array<vec4f, ${perThread}>;`,
    multiply: /* wgsl */ `
    for (var k = 0; k < ${quads}; k++) {
      let b0 = ${read(`tileB[k * ${4 * across} + tx]`)};
      let b1 = ${read(`tileB[k * ${4 * across} + ${across} + tx]`)};
      let b2 = ${read(`tileB[k * ${4 * across} + ${2 * across} + tx]`)};
      let b3 = ${read(`tileB[k * ${4 * across} + ${3 * across} + tx]`)};
      for (var r = 0; r < ${perThread}; r++) {
        let a = ${read(`tileA[(ty + r * ${down}) * ${quads} + k]`)};
        sum[r] += a.x * b0 + a.y * b1 + a.z * b2 + a.w * b3;
      }
    }`,
    finish: `for (var r = 0; r < ${perThread}; r++) { store(ty + r * ${down}, tx * 4, sum[r]); }`,
  };
}

function onMatrices({ M, N, K }: MatrixShape): ArithmeticSource {
  const { rows, columns, depth } = MATRIX_TILE;
  const [down, across] = [PART / M, PART / N];
  const each = (visit: (i: number, j: number) => string): string =>
    Array.from({ length: down * across }, (_, t) => visit(Math.floor(t / across), t % across)).join('\n    ');
  const of = (count: number, visit: (i: number) => string): string => Array.from({ length: count }, (_, i) => visit(i)).join('\n      ');
  return {
    enable: 'enable f16;\nenable subgroups;\nenable chromium_experimental_subgroup_matrix;',
    tiles: `var<workgroup> tileA: array<f16, ${rows * depth}>;\nvar<workgroup> tileB: array<f16, ${depth * columns}>;\nvar<workgroup> tileC: array<f32, ${rows * columns}>;`,
    put: (tile, index, value) => `{
        let four = clamp(${value}, vec4f(-${HALF_MAX}), vec4f(${HALF_MAX}));
        for (var j = 0; j < 4; j++) { ${tile}[(${index}) * 4 + j] = f16(four[j]); }
      }`,
    builtins: ', @builtin(subgroup_id) subgroup: u32',
    begin: `
  let partRow = (subgroup / 2u) * ${PART}u;
  let partColumn = (subgroup % 2u) * ${PART}u;
  ${each((i, j) => `var sum${i}_${j}: subgroup_matrix_result<f32, ${N}, ${M}>;`)}`,
    multiply: /* wgsl */ `
    for (var k = 0u; k < ${depth}u; k += ${K}u) {
      ${of(down, (i) => `let a${i} = subgroupMatrixLoad<subgroup_matrix_left<f16, ${K}, ${M}>>(&tileA, (partRow + ${i * M}u) * ${depth}u + k, false, ${depth}u);`)}
      ${of(across, (j) => `let b${j} = subgroupMatrixLoad<subgroup_matrix_right<f16, ${N}, ${K}>>(&tileB, k * ${columns}u + partColumn + ${j * N}u, false, ${columns}u);`)}
      ${each((i, j) => `sum${i}_${j} = subgroupMatrixMultiplyAccumulate(a${i}, b${j}, sum${i}_${j});`)}
    }`,
    finish: /* wgsl */ `
  ${each((i, j) => `subgroupMatrixStore(&tileC, (partRow + ${i * M}u) * ${columns}u + partColumn + ${j * N}u, sum${i}_${j}, false, ${columns}u);`)}
  workgroupBarrier();
  for (var e = lid; e < ${rows * columns / 4}; e += ${SUBGROUPS * MATRIX_SUBGROUP}) {
    store(e / ${columns / 4}, (e % ${columns / 4}) * 4, vec4f(tileC[e * 4], tileC[e * 4 + 1], tileC[e * 4 + 2], tileC[e * 4 + 3]));
  }`,
  };
}

/** The WGSL of an arithmetic on a tile. */
export const arithmeticSource = (arithmetic: Arithmetic, tile: Tile): ArithmeticSource =>
  (typeof arithmetic === 'object' ? onMatrices(arithmetic) : onVectors(tile, arithmetic === 'float16'));
