import { engine } from '@tensorflow/tfjs-core';

/** What one kernel costs on the GPU. */
export interface GpuCost {
  readonly name: string;
  readonly dispatches: number;
  readonly ms: number;
}

interface TimedBackend {
  readonly supportTimestampQuery: boolean;
  activeTimers?: { readonly name: string; readonly query: Promise<number> }[] | null;
}

/**
 * Times every dispatch of the webgpu backend, tfjs's and ours, with timestamps on the GPU.
 *
 * Each dispatch runs alone, so the sum leaves out what a GPU overlaps. null where the device has no timestamps.
 */
export async function profileGpu(run: () => Promise<void>): Promise<readonly GpuCost[] | null> {
  const backend = engine().backend as unknown as TimedBackend;
  if (!backend.supportTimestampQuery) return null;
  const timers: { readonly name: string; readonly query: Promise<number> }[] = [];
  backend.activeTimers = timers;
  try {
    await run();
  } finally {
    backend.activeTimers = null;
  }
  const costs = new Map<string, { dispatches: number; ms: number }>();
  for (const { name, query } of timers) {
    const cost = costs.get(name) ?? { dispatches: 0, ms: 0 };
    costs.set(name, { dispatches: cost.dispatches + 1, ms: cost.ms + await query });
  }
  return [...costs].map(([name, cost]) => ({ name, ...cost })).sort((a, b) => b.ms - a.ms);
}
