import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { UpfirdnAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';

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

/** A filter to correlate with, gain included: rows by columns, or one list for both axes and the gain with the columns. */
function filterOf(values: readonly number[], shape: readonly number[], { correlate, gain }: UpfirdnAttrs) {
  const turned = correlate ? [...values] : [...values].reverse();
  const separable = shape.length === 1;
  const [fh, fw] = separable ? [turned.length, turned.length] as const : (shape as [number, number]);
  return { separable, fh, fw, rows: turned, columns: turned.map((v) => v * gain) };
}

/** Everything about a call but its addresses. */
interface Plan {
  readonly table: Int32Array;
  readonly rowCount: number;
  readonly colCount: number;
  readonly separable: boolean;
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

function planOf(values: readonly number[], { xShape, fShape, attrs }: { readonly xShape: readonly number[]; readonly fShape: readonly number[]; readonly attrs: UpfirdnAttrs }): Plan {
  const [, H, W, C] = xShape as [number, number, number, number];
  const { separable, fh, fw, rows: f, columns: fGain } = filterOf(values, fShape, attrs);
  const { up, down, padding: [t, b, l, r] } = attrs;
  const h = Math.floor((H * up[0] + t + b - fh) / down[0]) + 1;
  const w = Math.floor((W * up[1] + l + r - fw) / down[1]) + 1;
  const rows = phasesOf({ up: up[0], down: down[0], pad: t, out: h, taps: fh });
  const cols = phasesOf({ up: up[1], down: down[1], pad: l, out: w, taps: fw });
  const top = Math.min(0, ...rows.flatMap(({ taps }) => taps.map(({ index }) => index)));
  const span = Math.max(0, ...rows.flatMap(({ taps }) => taps.map(({ index }) => index))) - top + 1;
  const [left, right] = reach(cols, down[1]);
  const width = right + 1 - left;
  const [rowBytes, pixel] = [(separable ? w : width) * C * 4, C * 4];
  const groups: Group[] = separable
    ? [
      ...rows.map(({ first, count, taps }): Group => ({ first, count, taps: taps.map(({ index, weight }) => [(index - top) * rowBytes, f[weight]!]) })),
      ...cols.map(({ first, count, taps }): Group => ({ first, count, taps: taps.map(({ index, weight }) => [(index - left) * pixel, fGain[weight]!]) })),
    ]
    : [
      ...rows.map(({ first, count }): Group => ({ first, count, taps: [] })),
      ...rows.flatMap((row) => cols.map(({ first, count, taps }): Group => ({
        first, count, taps: row.taps.flatMap((ty) => taps.map((tx) => [(ty.index - top) * rowBytes + (tx.index - left) * pixel, fGain[ty.weight * fw + tx.weight]!] as const)),
      }))),
    ];
  return { table: tableOf(groups), rowCount: rows.length, colCount: cols.length, separable, top, left, span, width, size: [h, w], most: rows[0]!.count };
}

/** Bytes of the rows that a task reads and, filtered along, keeps. */
const BAND_BYTES = 192 * 1024;
/** Plans that a heap remembers; a network has some dozens. */
const PLANS = 256;

const plans = new WeakMap<WasmHeap, Map<string, Plan>>();

function plannedOnce(heap: WasmHeap, x: TensorInfo, f: TensorInfo, attrs: UpfirdnAttrs): Plan {
  const values = [...heap.floats(f)];
  const { up, down, padding, correlate, gain } = attrs;
  const key = [x.shape.slice(1), f.shape, values, up, down, padding, correlate, gain].join(';');
  const known = plans.get(heap) ?? new Map<string, Plan>();
  plans.set(heap, known);
  let plan = known.get(key);
  if (!plan) {
    if (known.size >= PLANS) known.clear();
    known.set(key, (plan = planOf(values, { xShape: x.shape, fShape: f.shape, attrs })));
  }
  return plan;
}

/** upfirdn2d, two passes of a separable filter over bands of rows; zeros put in by `up` are never multiplied. */
export function upfirdn2dForward(heap: WasmHeap, x: TensorInfo, f: TensorInfo, attrs: UpfirdnAttrs): TensorInfo {
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const { table, rowCount, colCount, separable, top, left, span, width, size: [h, w], most } = heap.keep([f], () => plannedOnce(heap, x, f, attrs));
  const { up, down } = attrs;
  const out = heap.output([N, h, w, C]);
  const perRow = (width + (separable ? w : 0)) * C * 4;
  const fitting = Math.max(1, Math.floor((BAND_BYTES / perRow - span) / down[0]) + 1);
  const shares = Math.max(Math.ceil(most / fitting), N < 4 ? Math.ceil(4 / N) : 1);
  const bandRows = Math.ceil(most / shares);
  const bands = Math.ceil(most / bandRows);
  const slot = (((bandRows - 1) * down[0] + span) * perRow + 127) & ~63;
  const [at] = heap.prepare([f], [table.byteLength], ([to]) => heap.write(to!, table)) as [number];
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('firBand', N * bands, [
    heap.address(x), H, W, C, top, left, span, width, heap.address(out), h, w,
    at, rowCount, colCount, up[0], up[1], down[0], down[1], separable ? 1 : 0, bands, bandRows, scratch, slot,
  ]);
  return out;
}
