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

/** Smallest and largest index into x that an axis reads. */
function reach(phases: readonly Phase[], down: number): readonly [number, number] {
  const first = phases.flatMap(({ taps }) => taps.map(({ index }) => index));
  const last = phases.flatMap(({ taps, count }) => taps.map(({ index }) => index + (count - 1) * down));
  return [Math.min(0, ...first), Math.max(0, ...last)];
}

/** The 2-D filter to correlate with, gain included. */
function filterOf(heap: WasmHeap, f: TensorInfo, { correlate, gain }: UpfirdnAttrs): { fh: number; fw: number; weights: number[] } {
  const values = [...heap.floats(f)];
  const n = values.length;
  const [fh, fw] = f.shape.length === 1 ? [n, n] : (f.shape as [number, number]);
  const flat = f.shape.length === 1 ? values.flatMap((a) => values.map((b) => a * b)) : values;
  const turned = correlate ? flat : flat.reverse();
  return { fh, fw, weights: turned.map((v) => v * gain) };
}

/** upfirdn2d in one pass over a padded copy of each image; zeros put in by `up` are never multiplied. */
export function upfirdn2dForward(heap: WasmHeap, x: TensorInfo, f: TensorInfo, attrs: UpfirdnAttrs): TensorInfo {
  const { kernels } = heap;
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const { fh, fw, weights } = filterOf(heap, f, attrs);
  const { up, down, padding: [t, b, l, r] } = attrs;
  const h = Math.floor((H * up[0] + t + b - fh) / down[0]) + 1;
  const w = Math.floor((W * up[1] + l + r - fw) / down[1]) + 1;
  const rows = phasesOf({ up: up[0], down: down[0], pad: t, out: h, taps: fh });
  const cols = phasesOf({ up: up[1], down: down[1], pad: l, out: w, taps: fw });
  const [[top, bottom], [left, right]] = [reach(rows, down[0]), reach(cols, down[1])];
  const [Hp, Wp] = [Math.max(bottom + 1, H) - top, Math.max(right + 1, W) - left];
  const out = heap.output([N, h, w, C]);
  const inPlace = Hp === H && Wp === W;
  const [image, taps] = heap.scratch(inPlace ? 0 : Hp * Wp * C * 4, fh * fw * up[0] * up[1] * 8) as [number, number];
  let at = taps;
  const plans = rows.flatMap((row) => cols.map((col) => {
    const list = row.taps.flatMap((ty) => col.taps.map((tx) => ({
      offset: ((ty.index - top) * Wp + tx.index - left) * C * 4, weight: weights[ty.weight * fw + tx.weight]!,
    })));
    const start = at;
    const bytes = new ArrayBuffer(list.length * 8);
    list.forEach(({ offset, weight }, i) => {
      new Int32Array(bytes)[2 * i] = offset;
      new Float32Array(bytes)[2 * i + 1] = weight;
    });
    heap.write(start, new Int32Array(bytes));
    at += list.length * 8;
    return { row, col, start, length: list.length };
  }));
  const [from, to] = [heap.address(x), heap.address(out)];
  for (let n = 0; n < N; n++) {
    const source = from + n * H * W * C * 4;
    if (!inPlace) kernels.padCopy(source, image, H, W, C, -top, -left, Hp, Wp);
    for (const { row, col, start, length } of plans) {
      kernels.firGrid(
        inPlace ? source : image, to + ((n * h + row.first) * w + col.first) * C * 4, row.count, col.count,
        down[0] * Wp * C * 4, down[1] * C * 4, up[0] * w * C * 4, up[1] * C * 4, start, length, C,
      );
    }
  }
  return out;
}
