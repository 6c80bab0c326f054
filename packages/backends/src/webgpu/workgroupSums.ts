import type { GpuContext } from './context.js';

/** Invocations of a workgroup that sums rows. */
export const THREADS = 256;
/** Workgroups that keep a GPU busy. */
const ENOUGH = 128;
/** Rows that an invocation adds up at least before another workgroup is worth it. */
const LEAST_ROWS = 8;

/** Columns (or vectors of four) that a workgroup sums side by side. */
export type Width = 1 | 4 | 16;
/** Every {@link Width}: what programs must be checked for. */
export const WIDTHS = [1, 4, 16] as const;

/** How rows and columns are dealt out to workgroups. */
export interface SumPlan {
  /** Entries of a vector. */
  readonly lanes: 1 | 4;
  /** Vectors in a row. */
  readonly columns: number;
  readonly width: Width;
  /** Workgroups side by side. */
  readonly tiles: number;
  /** Workgroups one below the other, whose sums are added afterwards. */
  readonly chunks: number;
}

/** Plans the sums over rows of [samples, rows, entries]; a second pass is worth it from `leastRows` rows an invocation on. */
export function planSums({ software }: GpuContext, [samples, rows, entries]: readonly [number, number, number], leastRows = LEAST_ROWS): SumPlan {
  const lanes = entries % 4 === 0 && !software ? 4 : 1;
  const columns = entries / lanes;
  const width: Width = columns > 4 ? 16 : columns > 1 ? 4 : 1;
  const tiles = Math.ceil(columns / width);
  const chunks = software ? 1 : Math.max(1, Math.min(Math.floor(ENOUGH / (samples * tiles)), Math.floor(rows / (THREADS / width * leastRows))));
  return { lanes, columns, width, tiles, chunks };
}

/** WGSL: leaves in `part[c]`, c < width, the sum of a variable over the invocations of column c. Everybody must take part. */
export const combineRows = (variable: string, width: Width): string => /* wgsl */ `
  workgroupBarrier(); // until nobody reads what is there
  part[local] = ${variable};
  workgroupBarrier();
  for (var half = ${THREADS / 2}u; half >= ${width}u; half /= 2) {
    if (local < half) { part[local] += part[local + half]; }
    workgroupBarrier();
  }`;

/** WGSL of the start of `main`: which column and which rows are this invocation's. */
export const ownRows = (width: Width): string => /* wgsl */ `
  var id = groupIndex(group, groups);
  let tile = id % params.tiles; id /= params.tiles;
  let chunk = id % params.chunks;
  let n = id / params.chunks;
  let column = tile * ${width} + i32(local) % ${width};
  let share = (params.rows + params.chunks - 1) / params.chunks;
  let end = min(params.rows, (chunk + 1) * share);
  let first = chunk * share + i32(local) / ${width};
  let valid = n < params.samples && column < params.columns;`;
