import { instantiateKernels } from './kernels.js';

/** Operations of one iteration of the loop: twelve vectors of four, a product and a sum each. */
const OPERATIONS = 96;

/**
 * GFLOP/s of multiply-adds in registers on the calling thread, the most that a wasm kernel can reach on it; null without SIMD.
 * Takes some tens of milliseconds. Call it after {@link wasm} was activated, which may switch fused multiply-add on.
 */
export async function wasmPeak(): Promise<number | null> {
  const loaded = await instantiateKernels(new WebAssembly.Memory({ initial: 1, maximum: 65536 }));
  if (!loaded) return null;
  const iterations = 200_000;
  let least = Infinity;
  for (let run = 0; run < 40; run++) {
    const start = performance.now();
    loaded.kernels.maddPeak(iterations, 0.5);
    least = Math.min(least, performance.now() - start);
  }
  return (OPERATIONS * iterations) / least / 1e6;
}
