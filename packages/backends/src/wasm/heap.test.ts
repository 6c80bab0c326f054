import type { TensorInfo } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { KeptByCall } from '../plan/keptByCall.js';
import { heapFor, type WasmHeap } from './heap.js';

const tensor = (): TensorInfo => ({ dataId: {}, shape: [1], dtype: 'float32' });

/** A heap with room for so many bytes that plans keep; tells what it is asked for. */
function heapWithRoom(room: number) {
  const freed: number[] = [];
  let at = 1000;
  const heap = {
    allocate: (bytes: number) => ((room -= bytes) < 0 ? null : (at += 1000)),
    free: (address: number) => void freed.push(address),
    keep: <T>(_from: readonly TensorInfo[], make: () => T) => make(),
    prepare: (_from: readonly TensorInfo[], sizes: readonly number[], fill: (addresses: readonly number[]) => void) => {
      const addresses = sizes.map((_, i) => 64 * (i + 1));
      fill(addresses);
      return addresses;
    },
  } as unknown as WasmHeap;
  return { heap, freed };
}

describe('what a call of a plan prepares on the heap', () => {
  const fills: (readonly number[])[] = [];
  const twice = (heap: WasmHeap, kept: KeptByCall, from: readonly TensorInfo[]): (readonly number[])[] =>
    [0, 1].map(() => heapFor(heap, kept).prepare(from, [100, 64], (addresses) => void fills.push(addresses)));

  it('is filled once and lies 64-byte aligned in memory of its own when it is of constants, and goes with the plan', () => {
    const { heap, freed } = heapWithRoom(1000);
    const filter = tensor();
    const kept: KeptByCall = { constants: new Set([filter]) };
    fills.length = 0;
    expect(twice(heap, kept, [filter])).toEqual([[2048, 2176], [2048, 2176]]); // from 2000 on
    expect(fills).toEqual([[2048, 2176]]);
    kept.dispose!();
    expect(freed).toEqual([2000]);
  });

  it('is scratch that is filled each time when it is of numbers that change, when plans keep too much, and outside of plans', () => {
    const filter = tensor();
    const cases: [WasmHeap, KeptByCall][] = [
      [heapWithRoom(1000).heap, { constants: new Set() }], [heapWithRoom(100).heap, { constants: new Set([filter]) }],
    ];
    for (const [heap, kept] of cases) {
      fills.length = 0;
      expect(twice(heap, kept, [filter])).toEqual([[64, 128], [64, 128]]);
      expect(fills).toHaveLength(2);
      kept.dispose?.();
    }
    const { heap } = heapWithRoom(1000);
    expect(heapFor(heap, undefined)).toBe(heap);
  });

  it('keeps other things once too, each by its turn', () => {
    const kept: KeptByCall = { constants: new Set() };
    const { heap } = heapWithRoom(1000);
    let made = 0;
    const run = (): number[] => {
      const own = heapFor(heap, kept);
      return [own.keep([], () => ++made), own.keep([], () => ++made), own.keep([tensor()], () => ++made)];
    };
    expect([run(), run()]).toEqual([[1, 2, 3], [1, 2, 4]]);
  });
});
