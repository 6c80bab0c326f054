import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmHeap } from './heap.js';

/** What RESIZE and RESIZE_GRAD get. */
export interface ResizeAttrs {
  /** [h, w] to resize to. */
  readonly size: readonly [number, number];
  /** [H, W] to resize from. */
  readonly from: readonly [number, number];
}

/** Entries that one task computes. */
const CHUNK = 8192;

/** Per output index two source indices in bytes and the share of the second, corners aligned. */
function axisTable(to: number, from: number, bytes: number): Int32Array {
  const words = new Int32Array(to * 3);
  const shares = new Float32Array(words.buffer);
  const ratio = to > 1 ? (from - 1) / (to - 1) : 0;
  for (let i = 0; i < to; i++) {
    const at = ratio * i;
    const first = Math.floor(at);
    words[3 * i] = first * bytes;
    words[3 * i + 1] = Math.min(from - 1, Math.ceil(at)) * bytes;
    shares[3 * i + 2] = at - first;
  }
  return words;
}

const tables = (heap: WasmHeap, { size: [h, w], from: [H, W] }: ResizeAttrs, C: number) =>
  heap.prepare([], [h * 12, w * 12], ([rows, columns]) => {
    heap.write(rows!, axisTable(h, H, W * C * 4));
    heap.write(columns!, axisTable(w, W, C * 4));
  }) as [rows: number, columns: number];

/** Bilinear resizing with aligned corners, [N,H,W,C] → [N,h,w,C]. */
export function resize(heap: WasmHeap, x: TensorInfo, attrs: ResizeAttrs): TensorInfo {
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const [h, w] = attrs.size;
  const out = heap.output([N, h, w, C]);
  const chunk = Math.ceil(CHUNK / (w * C));
  const [rows, columns] = tables(heap, attrs, C);
  heap.run('resizeRows', Math.ceil((N * h) / chunk), [heap.address(x), H * W * C * 4, heap.address(out), N * h, h, w, C, rows, columns, chunk]);
  return out;
}

/** Its transpose, [N,h,w,C] → [N,H,W,C]. */
export function resizeGrad(heap: WasmHeap, dy: TensorInfo, attrs: ResizeAttrs): TensorInfo {
  const [N, h, w, C] = dy.shape as [number, number, number, number];
  const [H, W] = attrs.from;
  const out = heap.output([N, H, W, C]);
  const [rows, columns] = tables(heap, attrs, C);
  heap.run('resizeGradImage', N, [heap.address(dy), heap.address(out), H * W * C * 4, h, w, C, rows, columns]);
  return out;
}
