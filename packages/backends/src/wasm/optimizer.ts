import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { AdamAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';

/** Entries that are worth a task of their own. */
const CHUNK = 16384;
/** Rows of a list that a task does (assembly/optimizer.ts). */
const ROWS = 8;

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** What every kernel of Adam gets behind its addresses. */
const scalars = ({ lr, beta1, beta2, eps, step, infinite }: AdamAttrs): number[] =>
  [lr / (1 - beta1 ** step), beta1, 1 - beta1, beta2, 1 - beta2, 1 / (1 - beta2 ** step), eps, infinite ?? 0];

/** One step of Adam, [param, m, v]. */
export function adam(heap: WasmHeap, { param, grad, m, v }: Readonly<Record<string, TensorInfo>>, attrs: AdamAttrs): TensorInfo[] {
  const out = [param!, m!, v!].map(({ shape }) => heap.output(shape));
  const size = sizeOf(param!.shape);
  heap.run('adam', Math.ceil(size / CHUNK), [...[param!, grad!, m!, v!, ...out].map((t) => heap.address(t)), size, ...scalars(attrs), CHUNK]);
  return out;
}

/** now + (average - now)·beta. */
export function movingAverage(heap: WasmHeap, average: TensorInfo, now: TensorInfo, beta: number): TensorInfo {
  const out = heap.output(now.shape);
  const size = sizeOf(now.shape);
  heap.run('movingAverage', Math.ceil(size / CHUNK), [heap.address(average), heap.address(now), heap.address(out), size, beta, CHUNK]);
  return out;
}

/** Rows of addresses and a size, long tensors in several. */
function writeRows(heap: WasmHeap, groups: readonly (readonly TensorInfo[])[]): { readonly table: number; readonly rows: number } {
  const words: number[] = [];
  let rows = 0;
  for (const group of groups) {
    const size = sizeOf(group[0]!.shape);
    const addresses = group.map((t) => heap.address(t));
    for (let from = 0; from < size; from += CHUNK) {
      words.push(...addresses.map((address) => address + from * 4), Math.min(CHUNK, size - from));
      rows++;
    }
  }
  const [table] = heap.scratch(words.length * 4) as [number];
  heap.write(table, Int32Array.from(words));
  return { table, rows };
}

const inGroups = (tensors: readonly TensorInfo[], size: number): TensorInfo[][] =>
  Array.from({ length: tensors.length / size }, (_, i) => tensors.slice(i * size, (i + 1) * size));

/** One step of Adam for a list of [param, grad, m, v, …]: [param, m, v, …]. */
export function adamList(heap: WasmHeap, tensors: readonly TensorInfo[], attrs: AdamAttrs): TensorInfo[] {
  const groups = inGroups(tensors, 4).map((group) => [...group, ...[0, 2, 3].map((i) => heap.output(group[i]!.shape))]);
  const { table, rows } = writeRows(heap, groups);
  heap.run('adamList', Math.ceil(rows / ROWS), [table, rows, ...scalars(attrs)]);
  return groups.flatMap((group) => group.slice(4));
}

/** movingAverage for a list of [average, now, …]. */
export function averageList(heap: WasmHeap, tensors: readonly TensorInfo[], beta: number): TensorInfo[] {
  const groups = inGroups(tensors, 2).map((group) => [...group, heap.output(group[0]!.shape)]);
  const { table, rows } = writeRows(heap, groups);
  heap.run('averageList', Math.ceil(rows / ROWS), [table, rows, beta]);
  return groups.map((group) => group[2]!);
}
