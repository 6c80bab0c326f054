import { backend_util, broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';

/** Entries that are worth a task of their own: less costs more to hand over than to do. */
const CHUNK = 16384;
/** Tasks that a call is cut into at most: enough for the threads to end together. */
const TASKS = 16;

/** What one thread does while another wakes up. */
const ALONE = 49152;

/** Entries of a task, a multiple of 16. */
const chunkOf = (size: number): number => (size <= ALONE ? ALONE : Math.max(CHUNK, Math.ceil(size / TASKS / 16) * 16));

const OPERATIONS = { Add: 0, Sub: 1, Multiply: 2 } as const;
export type BinaryName = keyof typeof OPERATIONS;

/** Sizes of an axis and the steps of both operands along it, 0 where one is repeated. */
interface Axis {
  size: number;
  x: number;
  y: number;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The axes of a broadcast result, innermost last, with neighbours joined where both operands run on. */
function axesOf(x: readonly number[], y: readonly number[], out: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  let [xStep, yStep] = [1, 1];
  for (let i = 1; i <= out.length; i++) {
    const size = out[out.length - i]!;
    const [xs, ys] = [x[x.length - i] ?? 1, y[y.length - i] ?? 1];
    if (size !== 1) {
      const axis = { size, x: xs === 1 ? 0 : xStep, y: ys === 1 ? 0 : yStep };
      const inner = axes[0];
      if (inner && axis.x === inner.x * inner.size && axis.y === inner.y * inner.size) inner.size *= size;
      else axes.unshift(axis);
    }
    xStep *= xs;
    yStep *= ys;
  }
  return axes;
}

/** How to combine two shapes; null for more than three different axes. */
function binaryPlan(a: readonly number[], b: readonly number[]): { readonly shape: number[]; readonly size: number; readonly axes: readonly Axis[] } | null {
  const same = util.arraysEqual(a as number[], b as number[]);
  const shape = same ? [...a] : broadcast_util.assertAndGetBroadcastShape(a as number[], b as number[]);
  const size = sizeOf(shape);
  const axes = same ? [] : axesOf(a, b, shape);
  return size === 0 || axes.length > 3 ? null : { shape, size, axes };
}

/** Add, Sub or Multiply of float tensors with broadcasting; null for more than three different axes or other types. */
export function binary(heap: WasmHeap, name: BinaryName, a: TensorInfo, b: TensorInfo): TensorInfo | null {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return null;
  const op = OPERATIONS[name];
  const plan = heap.keep([], () => binaryPlan(a.shape, b.shape));
  if (!plan) return null;
  const { shape, size, axes } = plan;
  const out = heap.output(shape);
  const [x, y, to] = [heap.address(a), heap.address(b), heap.address(out)];
  if (axes.length < 2) {
    const { x: xStep, y: yStep } = axes[0] ?? { x: 1, y: 1 };
    const chunk = chunkOf(size);
    heap.run('binaryFlat', Math.ceil(size / chunk), [op, x, xStep, y, yStep, to, size, chunk]);
    return out;
  }
  const [n, p, c] = axes.length === 3 ? axes as [Axis, Axis, Axis] : [{ size: 1, x: 0, y: 0 }, ...axes as [Axis, Axis]];
  const chunk = Math.max(1, Math.ceil(chunkOf(size) / c.size));
  heap.run('binaryRows', Math.ceil((n.size * p.size) / chunk), [
    op, x, n.x, p.x, c.x, y, n.y, p.y, c.y, to, n.size, p.size, c.size, chunk,
  ]);
  return out;
}

/** gain · lrelu(x + b) with a clamp, in one pass. */
export function biasLrelu(heap: WasmHeap, x: TensorInfo, b: TensorInfo | undefined, { alpha, gain, clamp }: BiasLreluAttrs): TensorInfo {
  const out = heap.output(x.shape);
  const { rows, C, chunk, tasks } = rowsOf(x, b);
  heap.run('biasAct', tasks, [heap.address(x), b ? heap.address(b) : 0, heap.address(out), rows, C, alpha, gain, clamp < 0 ? Infinity : clamp, chunk]);
  return out;
}

/** Its gradient with respect to x. */
export function biasLreluGrad(
  heap: WasmHeap, { dy, x, b }: { readonly dy: TensorInfo; readonly x: TensorInfo; readonly b?: TensorInfo | undefined }, { alpha, gain, clamp }: BiasLreluAttrs,
): TensorInfo {
  const out = heap.output(x.shape);
  const { rows, C, chunk, tasks } = rowsOf(x, b);
  heap.run('biasActGrad', tasks, [
    heap.address(dy), heap.address(x), b ? heap.address(b) : 0, heap.address(out), rows, C, alpha, gain, clamp < 0 ? Infinity : clamp, chunk,
  ]);
  return out;
}

/** Rows of the bias's length; without one, of any. */
function rowsOf(x: TensorInfo, b: TensorInfo | undefined) {
  const size = sizeOf(x.shape);
  const C = b ? b.shape[0]! : Math.min(size, CHUNK);
  const even = size % Math.max(C, 1) === 0;
  const [rows, width] = b || even ? [size / Math.max(C, 1), C] : [1, size];
  const chunk = Math.max(1, Math.ceil(chunkOf(size) / Math.max(width, 1)));
  return { rows, C: width, chunk, tasks: Math.ceil(rows / chunk) };
}

const plan = (shape: readonly number[], axis: number) => {
  const rows = sizeOf(shape.slice(0, axis));
  return { rows, width: sizeOf(shape.slice(axis)) * 4 };
};

interface Rows {
  readonly from: number;
  readonly fromStep: number;
  readonly to: number;
  readonly toStep: number;
  readonly bytes: number;
  readonly rows: number;
}

function copy(heap: WasmHeap, { from, fromStep, to, toStep, bytes, rows }: Rows): void {
  if (bytes * rows === 0) return;
  const chunk = Math.max(1, Math.ceil((chunkOf((rows * bytes) / 4) * 4) / bytes));
  heap.run('copyRows', Math.ceil(rows / chunk), [from, fromStep, to, toStep, rows, bytes, chunk]);
}

/** Concatenation of float tensors; null for other types. */
export function concat(heap: WasmHeap, inputs: readonly TensorInfo[], axis: number): TensorInfo | null {
  if (inputs.some(({ dtype }) => dtype !== 'float32')) return null;
  const [at] = util.parseAxisParam(axis, inputs[0]!.shape) as [number];
  const shapes = inputs.map(({ shape }) => shape);
  backend_util.assertParamsConsistent(shapes, at);
  const out = heap.output(backend_util.computeOutShape(shapes, at));
  const { rows, width } = plan(out.shape, at);
  let to = heap.address(out);
  for (const input of inputs) {
    const bytes = plan(input.shape, at).width;
    copy(heap, { from: heap.address(input), fromStep: bytes, to, toStep: width, bytes, rows });
    to += bytes;
  }
  return out;
}

/** Pieces of a float tensor along an axis; null for other types. */
export function split(heap: WasmHeap, x: TensorInfo, sizes: number[] | number, axis: number): TensorInfo[] | null {
  if (x.dtype !== 'float32') return null;
  const [at] = util.parseAxisParam(axis, x.shape) as [number];
  const { rows, width } = plan(x.shape, at);
  const step = width / x.shape[at]!;
  let from = 0;
  return backend_util.prepareSplitSize(x as never, sizes, at).map((size) => {
    const out = heap.output(x.shape.map((extent, i) => (i === at ? size : extent)));
    copy(heap, { from: heap.address(x) + from, fromStep: width, to: heap.address(out), toStep: size * step, bytes: size * step, rows });
    from += size * step;
    return out;
  });
}
