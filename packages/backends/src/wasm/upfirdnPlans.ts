import type { UpfirdnAttrs } from '@spatialgan/ops';

/** Outputs first, first + up, … of an axis and the taps they see. */
interface Phase {
  readonly first: number;
  readonly count: number;
  /** Index into x of tap 0's neighbour for the first output, per tap. */
  readonly taps: readonly { readonly index: number; readonly weight: number }[];
}

interface Axis {
  readonly up: number;
  readonly down: number;
  readonly pad: number;
  readonly out: number;
  readonly taps: number;
}

/** Output o reads x[(o·down + k - pad) / up] for the k that divide; outputs `up` apart see the same taps. */
function phasesOf({ up, down, pad, out, taps }: Axis): Phase[] {
  return Array.from({ length: Math.min(up, out) }, (_, first) => ({
    first,
    count: Math.ceil((out - first) / up),
    taps: Array.from({ length: taps }, (_entry, k) => ({ index: (first * down + k - pad) / up, weight: k }))
      .filter(({ index }) => Number.isInteger(index)),
  }));
}

/** Smallest and largest index into x that an axis reads, 0 at least. */
function reach(phases: readonly Phase[], down: number): readonly [number, number] {
  const first = phases.flatMap(({ taps }) => taps.map(({ index }) => index));
  const last = phases.flatMap(({ taps, count }) => taps.map(({ index }) => index + (count - 1) * down));
  return [Math.min(0, ...first), Math.max(0, ...last)];
}

/** Everything about a call of a separable filter but its addresses. */
export interface RowsPlan {
  readonly kind: 'rows';
  readonly table: Int32Array;
  readonly colCount: number;
  /** Where the table has the taps down, in bytes, and how many. */
  readonly rowWeights: number;
  readonly rowTaps: number;
  /** Zeros before x in the row of sums, and all of its pixels. */
  readonly left: number;
  readonly width: number;
  readonly size: readonly [number, number];
}

/** Everything about a call of a filter that is not separable but its addresses. */
export interface BandPlan {
  readonly kind: 'bands';
  readonly table: Int32Array;
  readonly rowCount: number;
  readonly colCount: number;
  readonly top: number;
  readonly left: number;
  /** Rows read for the first output of each phase. */
  readonly span: number;
  /** Columns read. */
  readonly width: number;
  /** [h, w]. */
  readonly size: readonly [number, number];
  /** Outputs of the first row phase, which has the most. */
  readonly most: number;
}

interface Group {
  readonly first: number;
  readonly count: number;
  /** Byte offsets and weights. */
  readonly taps: readonly (readonly [number, number])[];
}

/** Groups as firBand reads them: four words each, then the taps. */
function tableOf(groups: readonly Group[]): Int32Array {
  const words: number[] = [];
  const taps: number[] = [];
  const bits = new Float32Array(1);
  const asInt = new Int32Array(bits.buffer);
  for (const { first, count, taps: list } of groups) {
    words.push(first, count, (groups.length * 4 + taps.length) * 4, list.length);
    for (const [offset, weight] of list) {
      bits[0] = weight;
      taps.push(offset, asInt[0]!);
    }
  }
  return Int32Array.from([...words, ...taps]);
}

/** What a plan follows from. */
export interface Call {
  readonly xShape: readonly number[];
  readonly fShape: readonly number[];
  readonly attrs: UpfirdnAttrs;
}

const axesOf = ({ xShape, attrs: { up, down, padding: [t, b, l, r] } }: Call, [fh, fw]: readonly [number, number]) => {
  const [, H, W] = xShape as [number, number, number, number];
  const h = Math.floor((H * up[0] + t + b - fh) / down[0]) + 1;
  const w = Math.floor((W * up[1] + l + r - fw) / down[1]) + 1;
  return {
    size: [h, w] as const,
    rows: phasesOf({ up: up[0], down: down[0], pad: t, out: h, taps: fh }),
    cols: phasesOf({ up: up[1], down: down[1], pad: l, out: w, taps: fw }),
  };
};

/** `values` correlate along both axes. */
export function rowsPlan(values: readonly number[], call: Call): RowsPlan {
  const { down, gain } = call.attrs;
  const { size, cols } = axesOf(call, [values.length, values.length]);
  const [first, last] = reach(cols, down[1]);
  const left = -first;
  const words: number[] = [];
  const weights: number[] = [];
  for (const { first: output, count, taps } of cols) {
    words.push(output, count, (taps[0]?.index ?? 0) + left, taps.length, (cols.length * 5 + weights.length) * 4);
    weights.push(...taps.map(({ weight }) => values[weight]! * gain));
  }
  const table = new Int32Array(words.length + weights.length + values.length);
  table.set(words);
  new Float32Array(table.buffer).set([...weights, ...values], words.length);
  return {
    kind: 'rows', table, colCount: cols.length, rowWeights: (words.length + weights.length) * 4, rowTaps: values.length,
    left, width: Math.max(call.xShape[2]!, last + 1) + left, size,
  };
}

/** `values` correlate as a matrix [fh, fw]. */
export function bandPlan(values: readonly number[], call: Call): BandPlan {
  const C = call.xShape[3]!;
  const [fh, fw] = call.fShape as [number, number];
  const { down, gain } = call.attrs;
  const { size, rows, cols } = axesOf(call, [fh, fw]);
  const top = Math.min(0, ...rows.flatMap(({ taps }) => taps.map(({ index }) => index)));
  const span = Math.max(0, ...rows.flatMap(({ taps }) => taps.map(({ index }) => index))) - top + 1;
  const [left, right] = reach(cols, down[1]);
  const width = right + 1 - left;
  const [rowBytes, pixel] = [width * C * 4, C * 4];
  const groups: Group[] = [
    ...rows.map(({ first, count }): Group => ({ first, count, taps: [] })),
    ...rows.flatMap((row) => cols.map(({ first, count, taps }): Group => ({
      first, count,
      taps: row.taps.flatMap((ty) => taps.map((tx) => [(ty.index - top) * rowBytes + (tx.index - left) * pixel, values[ty.weight * fw + tx.weight]! * gain] as const)),
    }))),
  ];
  return { kind: 'bands', table: tableOf(groups), rowCount: rows.length, colCount: cols.length, top, left, span, width, size, most: rows[0]!.count };
}
