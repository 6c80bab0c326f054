import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { MinibatchStdAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';

type Sizes = readonly [N: number, h: number, w: number, C: number];

/** Scratch of a thread: two rows of channels. */
const slotBytes = (C: number): number => ((C + 3 & ~3) * 2 * 4 + 63) & ~63;

/** x with the deviations of its groups as further channels. */
export function minibatchStd(heap: WasmHeap, x: TensorInfo, { groupSize: G, numChannels: F, epsilon }: MinibatchStdAttrs): TensorInfo {
  const [N, h, w, C] = x.shape as unknown as Sizes;
  const out = heap.output([N, h, w, C + F]);
  const slot = slotBytes(C);
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('minibatchStd', N / G, [heap.address(x), heap.address(out), N / G, G, h * w, C, F, epsilon, scratch, slot]);
  return out;
}

/** Its gradient, [dx]. */
export function minibatchStdGrad(
  heap: WasmHeap, { x, dy }: { readonly x: TensorInfo; readonly dy: TensorInfo }, { groupSize: G, numChannels: F, epsilon }: MinibatchStdAttrs,
): TensorInfo[] {
  const [N, h, w, C] = x.shape as unknown as Sizes;
  const dx = heap.output(x.shape);
  const slot = slotBytes(C);
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('minibatchStdGrad', N / G, [...[x, dy, dx].map((t) => heap.address(t)), N / G, G, h * w, C, F, epsilon, scratch, slot]);
  return [dx];
}
