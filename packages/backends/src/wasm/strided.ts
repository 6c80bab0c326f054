import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvStyling, placeStyling, STYLING_BYTES } from './convStyling.js';
import type { WasmHeap } from './heap.js';

type Shape4 = readonly [number, number, number, number];

/** Tiles at a time, forward and by the input; by the filter (assembly/strided.ts). */
const [BLOCK, GRAD_BLOCK] = [24, 32];
/** Products of a tile, pairs of their groups, different matrices of a filter. */
const [PRODUCTS, GROUPS, MATRICES] = [25, 9, 16];
/** Bytes of a block's addresses and of six tiles, and between two matrices. */
const [SIX_BYTES, GAP] = [128 + 2400, 64];
/** Rows of x of a task that leave room in a 512 kB cache for its transformed tiles. */
const SOURCE_BYTES = 96 * 1024;
/** Transforms cost as much as they save where a product is short. */
const MIN_CHANNELS = 8;

/** Whether Winograd's form of stride 2 applies and pays. */
export const stridedFits = ([kh, kw, I, O]: Shape4, stride: number): boolean =>
  kh === 3 && kw === 3 && stride === 2 && I % 4 === 0 && O % 4 === 0 && I >= MIN_CHANNELS && O >= MIN_CHANNELS;

interface Geometry {
  readonly tilesY: number;
  readonly tilesX: number;
  readonly inRow: number;
}

/** Tiles of 2×2 outputs of [h, w], and the bytes of x below one row of them. */
const geometryOf = ([h, w]: readonly [number, number], channels: number): Geometry => {
  const [tilesY, tilesX] = [Math.ceil(h / 2), Math.ceil(w / 2)];
  return { tilesY, tilesX, inRow: (4 * tilesX + 1) * channels * 16 };
};

/** Whether the windows of all tiles lie in x. */
const inPlace = ([, H, W]: Shape4, [top, left]: readonly [number, number], { tilesY, tilesX }: Geometry): boolean =>
  top === 0 && left === 0 && H > 4 * tilesY && W > 4 * tilesX;

/** Rows of tiles that a task takes: an even share of an image that a cache holds. */
function bandRowsOf({ tilesY, tilesX, inRow }: Geometry): number {
  const most = Math.max(1, Math.ceil(BLOCK / tilesX), Math.floor(SOURCE_BYTES / inRow));
  return Math.ceil(tilesY / Math.ceil(tilesY / most));
}

/** Images of a task: of small ones as many as fill two blocks of tiles. */
const imagesOf = (N: number, { tilesY, tilesX }: Geometry): number =>
  Math.max(1, Math.min(Math.floor((2 * BLOCK) / (tilesY * tilesX)), Math.ceil(N / 2)));

/** Bytes of a block: one side has the 25 products of a tile, the other the nine sums or factors of their groups. */
const blockBytes = (products: number, groups: number): number =>
  SIX_BYTES + BLOCK * (PRODUCTS * products + GROUPS * groups) * 4 + (PRODUCTS + GROUPS) * GAP;

const panelled = (channels: number): number => Math.ceil(channels / 8) * 8;

function packedFilter(heap: WasmHeap, filter: TensorInfo, transposed: boolean): number {
  const [, , I, O] = filter.shape as unknown as Shape4;
  const [ins, panels] = transposed ? [O, Math.ceil(I / 8)] : [I, Math.ceil(O / 8)];
  const [packed] = heap.prepare([filter], [(transposed ? MATRICES : PRODUCTS) * (panels * ins * 32 + GAP)], ([to]) => {
    heap.run('stridedFilter', panels, [heap.address(filter), to!, I, O, transposed ? 1 : 0]);
  }) as [number];
  return packed;
}

/** A 3×3 convolution of stride 2 with zeros (or, negative, cuts) above and left; [h, w] outputs. */
export interface StridedConv {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
  readonly top: number;
  readonly left: number;
  readonly size: readonly [number, number];
}

/** Convolves in 25 products for four outputs instead of 36; `styling` without styles. */
export function stridedConv(heap: WasmHeap, { x, filter, top, left, size }: StridedConv, styling?: ConvStyling): TensorInfo {
  const [h, w] = size;
  const [N, H, W, I] = x.shape as unknown as Shape4;
  const O = filter.shape[3]!;
  const geometry = geometryOf(size, I);
  const copy = !inPlace([N, H, W, I], [top, left], geometry);
  const images = imagesOf(N, geometry);
  // A single image is shared out too.
  const bandRows = images > 1 ? geometry.tilesY : Math.min(bandRowsOf(geometry), Math.max(1, Math.ceil((geometry.tilesY * N) / 4)));
  const source = copy ? images * (4 * bandRows + 1) * (geometry.inRow / 4) : 0;
  const slot = (blockBytes(I, panelled(O)) + source + 127) & ~63;
  const out = heap.output([N, h, w, O]);
  const packed = packedFilter(heap, filter, false);
  const [scratch, words] = heap.scratch(slot * heap.threads, STYLING_BYTES) as [number, number];
  heap.run('stridedBand', Math.ceil(N / images) * Math.ceil(geometry.tilesY / bandRows), [
    heap.address(x), N, H, W, I, top, left, copy ? 1 : 0, heap.address(out), h, w, O, packed, images, bandRows, placeStyling(heap, styling, words, h * w)[1], scratch, slot,
  ]);
  return out;
}

/** Gradient by the input: [N,h,w,O] → [N,...size,I]. */
export function stridedInputGrad(heap: WasmHeap, { dy, filter, top, left, size }: Omit<StridedConv, 'x'> & { readonly dy: TensorInfo }): TensorInfo {
  const [H, W] = size;
  const [N, h, w, O] = dy.shape as unknown as Shape4;
  const I = filter.shape[2]!;
  const geometry = geometryOf([h, w], I);
  const { tilesY, tilesX } = geometry;
  const images = imagesOf(N, geometry);
  // A band computes a row of tiles more than it stores: only few images are cut.
  const bandRows = images > 1 || N >= 4 ? tilesY : Math.ceil(tilesY / Math.min(tilesY, heap.threads));
  const slot = (blockBytes(panelled(I), O) + 127) & ~63;
  const dx = heap.output([N, H, W, I]);
  if (H + top > 4 * tilesY + 1 || W + left > 4 * tilesX + 1) heap.clear(dx);
  const packed = packedFilter(heap, filter, true);
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('stridedInputGrad', Math.ceil(N / images) * Math.ceil(tilesY / bandRows), [
    heap.address(dy), N, h, w, O, heap.address(dx), H, W, I, top, left, packed, images, bandRows, scratch, slot,
  ]);
  return dx;
}

/** Gradient by the filter of a convolution padded by (top, left). */
export function stridedFilterGrad(heap: WasmHeap, x: TensorInfo, dy: TensorInfo, [top, left]: readonly [number, number]): TensorInfo {
  const [N, H, W, I] = x.shape as unknown as Shape4;
  const [, h, w, O] = dy.shape as unknown as Shape4;
  const geometry = geometryOf([h, w], I);
  const { tilesY, tilesX, inRow } = geometry;
  const copy = !inPlace([N, H, W, I], [top, left], geometry);
  const bandRows = bandRowsOf(geometry);
  const units = N * Math.ceil(tilesY / bandRows);
  const groups = Math.min(units, Math.max(2, Math.min(4, Math.round((N * tilesY * tilesX) / 256))));
  const [I6, O8] = [Math.ceil(I / 6) * 6, panelled(O)];
  const source = copy ? (4 * bandRows + 1) * (inRow / 4) : 0;
  const slot = (source + GRAD_BLOCK * (PRODUCTS * I + GROUPS * O8) * 4 + (PRODUCTS + GROUPS + 2) * GAP + 63) & ~63;
  const dw = heap.output([3, 3, I, O]);
  const [partial, scratch] = heap.scratch(groups * MATRICES * I6 * O8 * 4, slot * heap.threads) as [number, number];
  heap.run('stridedGradBands', groups, [
    heap.address(x), N, H, W, I, top, left, copy ? 1 : 0, heap.address(dy), h, w, O, partial, groups, bandRows, scratch, slot,
  ]);
  heap.run('stridedGradFilter', I, [partial, heap.address(dw), I, O, groups, scratch, slot]);
  return dw;
}
