import { relaxedKernels, simdKernels } from './kernelBinary.js';

/** What the second wasm module exports; numbers are byte addresses in tfjs's memory, sizes and counts (assembly/). */
export interface WasmKernels {
  packFilter(
    w: number, dst: number, nky: number, ky0: number, kyStep: number, nkx: number, kx0: number, kxStep: number,
    kw: number, inChannels: number, outChannels: number, transposed: number,
  ): void;
  offsetTable(dst: number, rows: number, cols: number, base: number, rowStep: number, colStep: number): void;
  padCopy(x: number, dst: number, h: number, w: number, c: number, top: number, left: number, hp: number, wp: number): void;
  windowProduct(
    x: number, xTable: number, out: number, outTable: number, pixels: number,
    rows: number, rowBytes: number, rowLen: number, packed: number, outChannels: number, tile: number,
  ): void;
  windowFilterGrad(
    x: number, xTable: number, dy: number, pixels: number,
    rows: number, rowBytes: number, rowLen: number, dw: number, outChannels: number,
  ): void;
  firGrid(
    x: number, out: number, rows: number, cols: number, xRowStep: number, xColStep: number, outRowStep: number, outColStep: number,
    taps: number, tapCount: number, c: number,
  ): void;
  sumMiddle(x: number, out: number, outer: number, mid: number, inner: number, scale: number): void;
  repeatBlocks(x: number, out: number, outer: number, inner: number, reps: number): void;
  transpose2d(x: number, out: number, rows: number, cols: number): void;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
};

/** The kernels working on a memory, and whether they multiply and add in one step; null without SIMD. */
export async function instantiateKernels(
  memory: WebAssembly.Memory,
): Promise<{ readonly kernels: WasmKernels; readonly fused: boolean } | null> {
  for (const [binary, fused] of [[relaxedKernels, true], [simdKernels, false]] as const) {
    const bytes = bytesOf(binary);
    if (!WebAssembly.validate(bytes)) continue;
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return { kernels: instance.exports as unknown as WasmKernels, fused };
  }
  return null;
}
