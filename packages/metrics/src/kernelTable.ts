import type { Steps } from './steps.js';

/** Rows in float64, one after the other. */
export interface Rows {
  readonly rows: number;
  readonly dims: number;
  readonly values: Float64Array;
}

/** x·y, summed in the order of the entries: as in {@link products}, to the bit. */
function product({ values: x, dims }: Rows, { values: y }: Rows, [i, j]: readonly [number, number]): number {
  let sum = 0;
  for (let p = i * dims, q = j * dims, end = p + dims; p < end; p++, q++) sum += x[p]! * y[q]!;
  return sum;
}

/** The scalar products of rows i, i+1 of x with rows j to j+3 of y: each number that is loaded serves several. */
function products({ values: x, dims }: Rows, { values: y }: Rows, [i, j]: readonly [number, number], out: Float64Array): void {
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  const [x0, x1] = [i * dims, (i + 1) * dims];
  const [y0, y1, y2, y3] = [j * dims, (j + 1) * dims, (j + 2) * dims, (j + 3) * dims];
  for (let k = 0; k < dims; k++) {
    const a = x[x0 + k]!;
    const b = x[x1 + k]!;
    let other = y[y0 + k]!;
    a0 += a * other;
    b0 += b * other;
    other = y[y1 + k]!;
    a1 += a * other;
    b1 += b * other;
    other = y[y2 + k]!;
    a2 += a * other;
    b2 += b * other;
    other = y[y3 + k]!;
    a3 += a * other;
    b3 += b * other;
  }
  out[0] = a0;
  out[1] = a1;
  out[2] = a2;
  out[3] = a3;
  out[4] = b0;
  out[5] = b1;
  out[6] = b2;
  out[7] = b3;
}

/** Bytes of y's rows that are met by all of x before the next: a part of a core's cache. */
const blockBytes = 2 ** 18;

/**
 * KID's kernel (x·y / dims + 1)³ of all pairs, [x.rows, y.rows], block by block; yields how many pairs were added.
 *
 * A set with itself is symmetric: then only pairs below the diagonal are filled (and a few beside it).
 */
export function* kernelTable(x: Rows, y: Rows): Steps<Float64Array> {
  const table = new Float64Array(x.rows * y.rows);
  const eight = new Float64Array(8);
  const put = (i: number, j: number, dot: number): void => {
    const base = dot / x.dims + 1;
    table[i * y.rows + j] = base * base * base;
  };
  const wide = Math.max(4, Math.floor(blockBytes / 8 / x.dims / 4) * 4);
  for (let from = 0; from < y.rows; from += wide) {
    const to = Math.min(from + wide, y.rows);
    for (let i = x === y ? from : 0; i < x.rows; i += 2) {
      const most = x === y ? Math.min(i + 2, to) : to;
      const both = i + 1 < x.rows;
      let j = from;
      for (; both && j < most && j + 4 <= y.rows; j += 4) {
        products(x, y, [i, j], eight);
        for (let k = 0; k < 8; k++) put(i + (k >> 2), j + (k & 3), eight[k]!);
      }
      for (; j < most; j++) {
        put(i, j, product(x, y, [i, j]));
        if (both) put(i + 1, j, product(x, y, [i + 1, j]));
      }
      yield (most - from) * (both ? 2 : 1);
    }
  }
  return table;
}
