import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BiasLreluAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';

/** What the kernels read besides the cotangent. */
export interface Styled {
  /** [N,h,w,C]; without scale and noise [..,C]. */
  readonly x: TensorInfo;
  /** [N,C]. */
  readonly scale?: TensorInfo | undefined;
  /** [N,h,w,1] or [1,h,w,1]. */
  readonly noise?: TensorInfo | undefined;
  /** [C]. */
  readonly b?: TensorInfo | undefined;
}

/** Entries of a task. */
const CHUNK = 16384;
/** Bytes of a vector for each of the pixels that are gone through at once (assembly/styledActivation.ts). */
const TILE_BYTES = 16 * 16;

/** 0 for none. */
export const addressOf = (heap: WasmHeap, t: TensorInfo | undefined): number => (t ? heap.address(t) : 0);
/** The clamp as kernels take it: infinite for none. */
export const limitOf = (clamp: number): number => (clamp < 0 ? Infinity : clamp);

/** Images and pixels as the kernels walk them: samples that nothing tells apart are one image. */
function bandsOf({ x, scale, noise }: Styled) {
  const C = x.shape[x.shape.length - 1]!;
  const rows = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const shared = Boolean(noise) && noise!.shape[0] === 1;
  const N = scale || shared ? x.shape[0]! : 1;
  const pixels = rows / Math.max(N, 1);
  const bandRows = Math.max(1, Math.min(pixels, Math.ceil(CHUNK / Math.max(C, 1))));
  return { C, N, pixels, bandRows, bands: Math.ceil(pixels / bandRows), noiseStep: shared ? 0 : pixels };
}

/** clamp(lrelu(x·scale + noise + b)·gain). */
export function styledActivation(heap: WasmHeap, inputs: Styled, { alpha, gain, clamp }: BiasLreluAttrs): TensorInfo {
  const { x, scale, noise, b } = inputs;
  const { C, N, pixels, bandRows, bands, noiseStep } = bandsOf(inputs);
  const out = heap.output(x.shape);
  heap.run('styledActivation', N * bands, [
    heap.address(x), addressOf(heap, scale), addressOf(heap, noise), noiseStep, addressOf(heap, b), heap.address(out), pixels, C,
    alpha, gain, limitOf(clamp), bands, bandRows,
  ]);
  return out;
}

/** Its gradient: [dx, and those of scale, noise and b that are given]. With `byResult`, x is the result of a biased lrelu, and the second output the bias's. */
export function styledActivationGrad(
  heap: WasmHeap, { dy, ...inputs }: Styled & { readonly dy: TensorInfo }, { alpha, gain, clamp }: BiasLreluAttrs, byResult = false,
): TensorInfo[] {
  const { x, scale, noise, b } = inputs;
  const { C, N, pixels, bandRows, bands, noiseStep } = bandsOf(inputs);
  const [dx, dScale, dNoise] = [heap.output(x.shape), ...[scale, noise].map((t) => t && heap.output(t.shape))] as [TensorInfo, ...(TensorInfo | undefined)[]];
  const db = b || byResult ? heap.output([C]) : undefined;
  const both = (C + 3 & ~3) * 2 * 4;
  const shared = noise && noiseStep === 0;
  const slot = (both + TILE_BYTES + 63) & ~63;
  const [partial, scratch, noises] = heap.scratch(N * bands * both, slot * heap.threads, shared ? N * pixels * 4 : 0) as [number, number, number];
  heap.run('styledActivationGrad', N * bands, [
    heap.address(dy), heap.address(x), addressOf(heap, scale), addressOf(heap, noise), noiseStep, addressOf(heap, b),
    heap.address(dx), shared ? noises : addressOf(heap, dNoise), partial, pixels, C, alpha, gain, limitOf(clamp), bands, bandRows, scratch, slot,
  ]);
  if (dScale || db) heap.run('styledActivationSums', 1, [partial, addressOf(heap, dScale), addressOf(heap, db), N, C, bands]);
  if (shared) heap.run('sumPieces', 1, [noises, heap.address(dNoise!), 1, N, pixels, N, 1, 1, 1]);
  return [dx, dScale, dNoise, db].filter((t) => t !== undefined);
}
