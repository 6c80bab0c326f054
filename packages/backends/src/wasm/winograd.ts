import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvStyling, placeStyling, STYLING_BYTES } from './convStyling.js';
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
  readonly styling?: ConvStyling | undefined;
}

/** Tiles at a time, forward and for the filter gradient (assembly/). */
const [BLOCK, GRAD_BLOCK] = [24, 32];
/** Bytes before and between the matrices of 6×6 tiles: a block's addresses, scratch (assembly/winograd4.ts). */
const [SIX_BYTES, GAP] = [128 + 640 + 3456, 64];
/** Padded rows of a task that leave room in a 512 kB cache for its transformed tiles. */
const SOURCE_BYTES = 96 * 1024;
/** Transforms cost as much as they save where a product is short. */
const MIN_CHANNELS = 8;

/** Whether Winograd's form applies and pays. */
export const winogradFits = ([kh, kw, I, O]: Shape4, stride: number): boolean =>
  kh === 3 && kw === 3 && stride === 1 && I % 4 === 0 && O % 4 === 0 && I >= MIN_CHANNELS && O >= MIN_CHANNELS;

/** Tiles of 4×4 outputs of an image from which on 36 matrices pay instead of 16: with fewer, transforming the filter each time eats what they save; plans do it once. */
const MIN_LARGE_TILES = 4;

/** Outputs along a side of a tile: 4 where fewer products are left than with 2. It does not depend on the batch, and so neither does an image. */
function tileSide([h, w]: readonly [number, number]): 2 | 4 {
  const tiles = (side: number): number => Math.ceil(h / side) * Math.ceil(w / side);
  return tiles(4) >= MIN_LARGE_TILES && 36 * tiles(4) < 0.85 * 16 * tiles(2) ? 4 : 2;
}

/** Rows of tiles that a task takes of a large image: an even share that fills a block at least. */
function bandRowsOf(tilesY: number, tilesX: number, { side, channels }: { readonly side: number; readonly channels: number }): number {
  const row = (side * tilesX + 2) * channels * 4 * side;
  const most = Math.max(1, Math.ceil(BLOCK / tilesX), Math.floor(SOURCE_BYTES / row) - 1);
  return Math.ceil(tilesY / Math.ceil(tilesY / most));
}

/** Convolves by Winograd's F(2×2, 3×3) or F(4×4, 3×3). */
export function winogradConv(heap: WasmHeap, { x, filter, transposed, top, left, size, styling }: Winograd): TensorInfo {
  const [h, w] = size;
  const [N, H, W, ins] = x.shape as unknown as Shape4;
  const [, , I, O] = filter.shape as unknown as Shape4;
  const outs = transposed ? I : O;
  const side = tileSide(size);
  const [tilesY, tilesX] = [Math.ceil(h / side), Math.ceil(w / side)];
  const perImage = tilesY * tilesX;
  const images = Math.max(1, Math.min(Math.floor((2 * BLOCK) / perImage), Math.ceil(N / 2)));
  // A single image is shared out too.
  const bandRows = images > 1 ? tilesY : Math.min(bandRowsOf(tilesY, tilesX, { side, channels: ins }), Math.max(1, Math.ceil((tilesY * N) / 4)));
  const bands = Math.ceil(tilesY / bandRows);
  const panels = Math.ceil(outs / 8);
  const source = images * (side * bandRows + 2) * (side * tilesX + 2) * ins * 4;
  const matrices = (side + 2) ** 2;
  const block = matrices * (BLOCK * (ins + panels * 8) * 4 + 2 * GAP) + SIX_BYTES;
  const slot = (source + block + 16 * 24 * 4 + 127) & ~63;
  const out = heap.output([N, h, w, outs]);
  const [scratch, words] = heap.scratch(slot * heap.threads, STYLING_BYTES) as [number, number];
  const [packed] = heap.prepare([filter], [matrices * (panels * ins * 32 + GAP)], ([to]) => {
    const packing = [heap.address(filter), to!, I, O, transposed ? 1 : 0];
    if (side === 4) heap.run('winograd4Filter', Math.ceil(ins / 8), [...packing, scratch, slot]);
    else heap.run('winogradFilter', panels, packing);
  }) as [number];
  heap.run(side === 4 ? 'winograd4Band' : 'winogradBand', Math.ceil(N / images) * bands, [
    heap.address(x), N, H, W, ins, top, left, heap.address(out), h, w, outs, packed, images, bandRows, ...placeStyling(heap, styling, words, h * w), scratch, slot,
  ]);
  return out;
}

/** Gradient with respect to the 3×3 filter of a convolution of stride 1 padded by (top, left). */
export function winogradFilterGrad(heap: WasmHeap, x: TensorInfo, dy: TensorInfo, [top, left]: readonly [number, number]): TensorInfo {
  const [N, H, W, I] = x.shape as unknown as Shape4;
  const [, h, w, O] = dy.shape as unknown as Shape4;
  const side = tileSide([h, w]);
  const [tilesY, tilesX] = [Math.ceil(h / side), Math.ceil(w / side)];
  const bandRows = bandRowsOf(tilesY, tilesX, { side, channels: I });
  const units = N * Math.ceil(tilesY / bandRows);
  const groups = Math.min(units, Math.max(2, Math.min(side === 4 ? 4 : 8, Math.round((N * tilesY * tilesX) / 256))));
  const [I6, O8] = [Math.ceil(I / 6) * 6, Math.ceil(O / 8) * 8];
  const source = (side * bandRows + 2) * (side * tilesX + 2) * I * 4;
  const matrices = (side + 2) ** 2;
  const slot = (source + matrices * (GRAD_BLOCK * (I + O8) * 4 + 2 * GAP) + SIX_BYTES + 64 + 127) & ~63;
  const dw = heap.output([3, 3, I, O]);
  const [partial, scratch] = heap.scratch(groups * matrices * I6 * O8 * 4, slot * heap.threads) as [number, number];
  heap.run(side === 4 ? 'winograd4GradBands' : 'winogradGradBands', groups, [
    heap.address(x), N, H, W, I, top, left, heap.address(dy), h, w, O, partial, groups, bandRows, scratch, slot,
  ]);
  heap.run(side === 4 ? 'winograd4GradFilter' : 'winogradGradFilter', I, [partial, heap.address(dw), I, O, groups, scratch, slot]);
  return dw;
}
