import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { GROUP } from './elementwise.js';
import type { GpuBinding } from './gpuTypes.js';

/** One entry of a list that a dispatch works through: tensors of the same size in arenas. */
export interface ListItem {
  /** Numbers of one of the tensors. */
  readonly entries: number;
  /** The row after [first workgroup, vectors, entries]: places in arenas, up to four a row. */
  readonly places: readonly (readonly GpuBinding[])[];
}

/** Bytes of a vector. */
const VECTOR = 16;
const padded = (row: readonly number[]): readonly number[] => [...row, 0, 0, 0, 0].slice(0, 4);

/** The table of a dispatch and its number of workgroups. */
export interface ListTable {
  readonly ints: readonly number[];
  readonly groups: number;
}

/** Rows of an item: its head and its places. A table has room for `capacity` items. */
export function listTable(items: readonly ListItem[], capacity: number): ListTable {
  let groups = 0;
  const rows = items.flatMap(({ entries, places }) => {
    const vectors = Math.ceil(entries / 4);
    const head = [groups, vectors, entries];
    groups += Math.ceil(vectors / GROUP);
    return [head, ...places.map((row) => row.map(({ offset }) => offset / VECTOR))].map(padded);
  });
  const rowsOfAll = rows.length / items.length * capacity;
  return { ints: [...rows.flat(), ...new Array<number>((rowsOfAll - rows.length) * 4).fill(0), items.length], groups };
}

/** WGSL: the last item that begins at or before a workgroup. `table` has `rows` rows an item. */
export const findItem = (rows: number): string => /* wgsl */ `
fn findItem(own: i32) -> i32 {
  var low = 0;
  var high = params.count - 1;
  while (low < high) {
    let middle = (low + high + 1) / 2;
    if (params.table[middle * ${rows}].x <= own) { low = middle; } else { high = middle - 1; }
  }
  return low;
}`;

/** Number of entries of a tensor. */
export const entriesOf = ({ shape }: TensorInfo): number => util.sizeFromShape(shape);

/** Items by the buffers that they lie in, in batches of at most `capacity`. */
export function batchesBy<T>(items: readonly T[], buffersOf: (item: T) => readonly object[], capacity: number): T[][] {
  const lists: { readonly buffers: readonly object[]; readonly batches: T[][] }[] = [];
  for (const item of items) {
    const buffers = buffersOf(item);
    let list = lists.find((other) => other.buffers.every((buffer, i) => buffer === buffers[i]));
    if (!list) lists.push(list = { buffers, batches: [[]] });
    if (list.batches[list.batches.length - 1]!.length === capacity) list.batches.push([]);
    list.batches[list.batches.length - 1]!.push(item);
  }
  return lists.flatMap(({ batches }) => batches);
}
