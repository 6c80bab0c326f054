import { engine, getKernelsForBackend, type KernelConfig, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

/** Time spent in one kernel, without the kernels it calls. */
export interface KernelCost {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
}

/** Measures every kernel call of the current (synchronous) backend while `run` lasts. */
export async function profileKernels(run: () => Promise<void>, label: (name: string, shapes: number[][]) => string = (name) => name): Promise<{
  readonly kernels: readonly KernelCost[];
  readonly total: number;
}> {
  const backendName = engine().backendName;
  const originals = getKernelsForBackend(backendName);
  const costs = new Map<string, { calls: number; ms: number }>();
  const inner: number[] = [];
  for (const config of originals) replace(config, (call) => {
    const name = label(config.kernelName, Object.values(call.inputs).flatMap((t) => (t ? [t as never as { shape: number[] }] : [])).map((t) => t.shape));
    const start = performance.now();
    inner.push(0);
    const out = config.kernelFunc(call);
    const spent = performance.now() - start;
    const own = spent - inner.pop()!;
    if (inner.length > 0) inner[inner.length - 1]! += spent;
    const cost = costs.get(name) ?? { calls: 0, ms: 0 };
    costs.set(name, { calls: cost.calls + 1, ms: cost.ms + own });
    return out;
  });
  const start = performance.now();
  try {
    await run();
  } finally {
    for (const config of originals) replace(config, config.kernelFunc);
  }
  const total = performance.now() - start;
  const kernels = [...costs].map(([name, cost]) => ({ name, ...cost })).sort((a, b) => b.ms - a.ms);
  return { kernels, total };
}

function replace(config: KernelConfig, kernelFunc: KernelConfig['kernelFunc']): void {
  unregisterKernel(config.kernelName, config.backendName);
  registerKernel({ kernelName: config.kernelName, backendName: config.backendName, kernelFunc });
}
