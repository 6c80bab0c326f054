import { withSharedMemory } from './sharedMemory.js';
import { relaxedKernels, simdKernels } from './kernelBinary.js';

/** A kernel whose work comes in tasks. */
export type TaskKernel = (...args: number[]) => void;

/** What the second wasm module exports; numbers are byte addresses in tfjs's memory, sizes and counts (assembly/). */
export interface WasmKernels {
  packFilter(
    w: number, dst: number, nky: number, ky0: number, kyStep: number, nkx: number, kx0: number, kxStep: number,
    kw: number, inChannels: number, outChannels: number, transposed: number,
  ): void;
  packNarrow(
    w: number, dst: number, nky: number, ky0: number, kyStep: number, nkx: number, kx0: number, kxStep: number,
    kw: number, inChannels: number, outChannels: number, transposed: number,
  ): void;
  offsetTable(dst: number, rows: number, cols: number, base: number, rowStep: number, colStep: number): void;
  padCopy(x: number, dst: number, h: number, w: number, c: number, top: number, left: number, hp: number, wp: number): void;
  windowProduct(
    x: number, xTable: number, out: number, outTable: number, pixels: number,
    rows: number, rowBytes: number, rowLen: number, packed: number, outChannels: number, tile: number,
  ): void;
  maddPeak(iterations: number, seed: number): number;
  repeatBlocks(x: number, out: number, outer: number, inner: number, reps: number): void;
  transpose2d(x: number, out: number, rows: number, cols: number): void;
  // Kernels in tasks, called by TaskRunner with their arguments (assembly/), a task and a thread's slot.
  convBand: TaskKernel;
  filterGradBands: TaskKernel;
  addGroups: TaskKernel;
  winogradFilter: TaskKernel;
  winogradBand: TaskKernel;
  winogradGradBands: TaskKernel;
  winogradGradFilter: TaskKernel;
  stridedFilter: TaskKernel;
  stridedBand: TaskKernel;
  stridedInputGrad: TaskKernel;
  stridedGradBands: TaskKernel;
  stridedGradFilter: TaskKernel;
  winograd4Filter: TaskKernel;
  winograd4Band: TaskKernel;
  winograd4GradBands: TaskKernel;
  winograd4GradFilter: TaskKernel;
  biasAct: TaskKernel;
  biasActGrad: TaskKernel;
  binaryFlat: TaskKernel;
  binaryRows: TaskKernel;
  copyRows: TaskKernel;
  adam: TaskKernel;
  movingAverage: TaskKernel;
  adamList: TaskKernel;
  averageList: TaskKernel;
  firBand: TaskKernel;
  firRows: TaskKernel;
  sumPieces: TaskKernel;
  resizeRows: TaskKernel;
  resizeGradImage: TaskKernel;
  selModulate: TaskKernel;
  selModulateGrad: TaskKernel;
  scaleChannelsGrad: TaskKernel;
  demodulate: TaskKernel;
  demodulateGrad: TaskKernel;
  styledActivation: TaskKernel;
  styledActivationGrad: TaskKernel;
  styledActivationSums: TaskKernel;
  minibatchStd: TaskKernel;
  minibatchStdGrad: TaskKernel;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
};

/** The kernels working on a memory, and whether they multiply and add in one step; null without SIMD. */
export async function instantiateKernels(memory: WebAssembly.Memory): Promise<
  { readonly kernels: WasmKernels; readonly module: WebAssembly.Module; readonly fused: boolean } | null
> {
  const shared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
  for (const [binary, fused] of [[relaxedKernels, true], [simdKernels, false]] as const) {
    const plain = bytesOf(binary);
    if (!WebAssembly.validate(plain)) continue;
    const bytes = shared ? withSharedMemory(plain)! : plain;
    const { instance, module } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return { kernels: instance.exports as unknown as WasmKernels, module, fused };
  }
  return null;
}
