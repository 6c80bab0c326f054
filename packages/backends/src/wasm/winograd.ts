import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmHeap } from './heap.js';

type Shape4 = readonly [number, number, number, number];

/** A 3×3 convolution of stride 1 over [N,H,W,ins] with zeros (or, negative, cuts) above and left; h × w outputs. */
export interface Winograd {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  /** The filter is turned round and its inputs and outputs exchanged: the gradient with respect to the input. */
  readonly transposed: boolean;
  readonly top: number;
  readonly left: number;
  readonly size: readonly [number, number];
}

const BLOCK = 24;
const GRAD_BLOCK = 32;
/** Padded rows of a task that leave room in a 512 kB cache for its transformed tiles. */
const SOURCE_BYTES = 96 * 1024;
/** Transforms cost as much as they save where a product is short. */
const MIN_CHANNELS = 8;

/** Whether Winograd's form applies and pays. */
export const winogradFits = ([kh, kw, I, O]: Shape4, stride: number): boolean =>
  kh === 3 && kw === 3 && stride === 1 && I % 4 === 0 && O % 4 === 0 && I >= MIN_CHANNELS && O >= MIN_CHANNELS;

/** Rows of tiles that a task takes of a large image, an even share. */
function bandRowsOf(tilesY: number, tilesX: number, channels: number): number {
  const row = (2 * tilesX + 2) * channels * 4 * 2;
  const most = Math.max(1, Math.floor(SOURCE_BYTES / row) - 1);
  return Math.ceil(tilesY / Math.ceil(tilesY / most));
}

/** Convolves by Winograd's F(2×2, 3×3). */
export function winogradConv(heap: WasmHeap, { x, filter, transposed, top, left, size: [h, w] }: Winograd): TensorInfo {
  const [N, H, W, ins] = x.shape as unknown as Shape4;
  const [, , I, O] = filter.shape as unknown as Shape4;
  const outs = transposed ? I : O;
  const [tilesY, tilesX] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  const perImage = tilesY * tilesX;
  const images = Math.max(1, Math.min(Math.floor((2 * BLOCK) / perImage), Math.ceil(N / 2)));
  // A single image is shared out too.
  const bandRows = images > 1 ? tilesY : Math.min(bandRowsOf(tilesY, tilesX, ins), Math.max(1, Math.ceil((tilesY * N) / 4)));
  const bands = Math.ceil(tilesY / bandRows);
  const panels = Math.ceil(outs / 8);
  const source = images * (2 * bandRows + 2) * (2 * tilesX + 2) * ins * 4;
  const slot = source + (16 * BLOCK * (ins + panels * 8) + 16 * 24) * 4 + 64;
  const out = heap.output([N, h, w, outs]);
  const [packed] = heap.prepare([filter], [16 * panels * ins * 32], ([to]) => {
    heap.run('winogradFilter', panels, [heap.address(filter), to!, I, O, transposed ? 1 : 0]);
  }) as [number];
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('winogradBand', Math.ceil(N / images) * bands, [
    heap.address(x), N, H, W, ins, top, left, heap.address(out), h, w, outs, packed, images, bandRows, scratch, slot,
  ]);
  return out;
}

/** Gradient with respect to the 3×3 filter of a convolution of stride 1 padded by (top, left). */
export function winogradFilterGrad(heap: WasmHeap, x: TensorInfo, dy: TensorInfo, [top, left]: readonly [number, number]): TensorInfo {
  const [N, H, W, I] = x.shape as unknown as Shape4;
  const [, h, w, O] = dy.shape as unknown as Shape4;
  const [tilesY, tilesX] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  const bandRows = bandRowsOf(tilesY, tilesX, I);
  const units = N * Math.ceil(tilesY / bandRows);
  const groups = Math.min(units, Math.max(2, Math.min(8, Math.round((N * tilesY * tilesX) / 256))));
  const [I6, O8] = [Math.ceil(I / 6) * 6, Math.ceil(O / 8) * 8];
  const source = (2 * bandRows + 2) * (2 * tilesX + 2) * I * 4;
  const slot = (source + 16 * GRAD_BLOCK * (I + O8) * 4 + 64 + 63) & ~63;
  const dw = heap.output([3, 3, I, O]);
  const [partial, scratch] = heap.scratch(groups * 16 * I6 * O8 * 4, slot * heap.threads) as [number, number];
  heap.run('winogradGradBands', groups, [
    heap.address(x), N, H, W, I, top, left, heap.address(dy), h, w, O, partial, groups, bandRows, scratch, slot,
  ]);
  heap.run('winogradGradFilter', I, [partial, heap.address(dw), I, O, groups, scratch, slot]);
  return dw;
}
