import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmHeap } from './heap.js';

interface Axis {
  readonly size: number;
  readonly reps: number;
}

/** Joins axes that are repeated alike: blocks without repetition, and repetitions of single entries. */
function joinAxes(axes: readonly Axis[]): Axis[] {
  const joined: Axis[] = [];
  for (const axis of axes) {
    const last = joined[joined.length - 1];
    if (last && last.reps === 1 && axis.reps === 1) joined[joined.length - 1] = { size: last.size * axis.size, reps: 1 };
    else if (last && last.size === 1 && axis.size === 1) joined[joined.length - 1] = { size: 1, reps: last.reps * axis.reps };
    else if (last && last.size === 1 && axis.reps === 1) joined[joined.length - 1] = { size: axis.size, reps: last.reps };
    else joined.push(axis);
  }
  return joined;
}

/** Tile: one pass per repeated axis, innermost first. */
export function tile(heap: WasmHeap, x: TensorInfo, reps: readonly number[]): TensorInfo {
  const shape = x.shape.map((size, i) => size * reps[i]!);
  const axes = joinAxes(x.shape.map((size, i) => ({ size, reps: reps[i]! })));
  const repeated = axes.map((axis, i) => ({ ...axis, i })).filter((axis) => axis.reps > 1).reverse();
  if (repeated.length === 0) return heap.share(x);
  const out = heap.output(shape, x.dtype as 'float32');
  let sizes = axes.map(({ size }) => size);
  const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
  const total = product(shape);
  const spare = heap.scratch(...repeated.slice(1).map(() => total * 4));
  let from = heap.address(x);
  repeated.forEach(({ i, size, reps: times }, pass) => {
    const to = pass === repeated.length - 1 ? heap.address(out) : spare[pass]!;
    heap.kernels.repeatBlocks(from, to, product(sizes.slice(0, i)), product(sizes.slice(i)), times);
    sizes = sizes.map((s, j) => (j === i ? size * times : s));
    from = to;
  });
  return out;
}
