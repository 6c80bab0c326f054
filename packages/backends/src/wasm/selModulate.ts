import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmHeap } from './heap.js';

interface Maps {
  readonly x: TensorInfo;
  readonly scale: TensorInfo;
}

/** Channels that are normalized at a time. */
const GROUP = 16;

/** Tasks of an image: threads that share one write to the same lines of the cache, so only few images are shared. */
export const sharesOf = (N: number, C: number): number => (N < 4 ? Math.ceil(C / GROUP) : 1);

/** Two vectors for each pixel of a run. */
const RUN_BYTES = 64 * 32;

const rowBytes = (C: number): number => (C + 3 & ~3) * 4;
const slotBytes = (C: number, rows: number): number => (rows * rowBytes(C) + 63) & ~63;

/** IN(x) · scale + shift. */
export function selModulate(heap: WasmHeap, { x, scale, shift }: Maps & { readonly shift: TensorInfo }, epsilon: number): TensorInfo {
  const [N, h, w, C] = x.shape as [number, number, number, number];
  const out = heap.output(x.shape);
  const shares = sharesOf(N, C);
  const slot = slotBytes(C, 2);
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('selModulate', N * shares, [
    heap.address(x), heap.address(scale), heap.address(shift), heap.address(out), h * w, C, epsilon, shares, scratch, slot,
  ]);
  return out;
}

/** Its gradient, [dx, dscale, dshift]. */
export function selModulateGrad(heap: WasmHeap, { x, scale, dy }: Maps & { readonly dy: TensorInfo }, epsilon: number): TensorInfo[] {
  const [N, h, w, C] = x.shape as [number, number, number, number];
  const out = [heap.output(x.shape), heap.output(scale.shape), heap.output(scale.shape)];
  const slot = slotBytes(C, 4) + RUN_BYTES;
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('selModulateGrad', N, [
    ...[x, scale, dy, ...out].map((t) => heap.address(t)), h * w, C, epsilon, scratch, slot,
  ]);
  return out;
}
