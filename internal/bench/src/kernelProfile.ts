import { engine, getKernelsForBackend, type KernelConfig, registerKernel, type TensorInfo, unregisterKernel } from '@tensorflow/tfjs-core';

/** One kind of kernel call: what it is called in a table and what one call of it does. */
export interface KernelWork {
  readonly name: string;
  /** Multiply-adds counted as two operations; 0 where the call is not about them. */
  readonly flops: number;
  /** Bytes read and written. */
  readonly bytes: number;
}

/** Time spent in one kind of kernel call, without the kernels it calls. */
export interface KernelCost {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
  readonly flops: number;
  readonly bytes: number;
  /** The best of the calls: operations and bytes per millisecond. */
  readonly best: { readonly flops: number; readonly bytes: number };
}

type Shapes = readonly (readonly number[])[];

/** Measures every kernel call of the current (synchronous) backend while `run` lasts. */
export async function profileKernels(run: () => Promise<void>, workOf: (kernel: string, inputs: Shapes, outputs: Shapes) => KernelWork): Promise<{
  readonly kernels: readonly KernelCost[];
  readonly total: number;
}> {
  const originals = getKernelsForBackend(engine().backendName);
  const costs = new Map<string, KernelCost>();
  const inner: number[] = [];
  const shapesOf = (tensors: readonly unknown[]): Shapes => tensors.flatMap((t) => (t ? [[...(t as TensorInfo).shape]] : []));
  for (const config of originals) replace(config, (call) => {
    const start = performance.now();
    inner.push(0);
    const out = config.kernelFunc(call);
    const spent = performance.now() - start;
    const own = spent - inner.pop()!;
    if (inner.length > 0) inner[inner.length - 1]! += spent;
    const { name, flops, bytes } = workOf(config.kernelName, shapesOf(Object.values(call.inputs)), shapesOf([out].flat()));
    const before = costs.get(name) ?? { calls: 0, ms: 0, flops: 0, bytes: 0, best: { flops: 0, bytes: 0 } };
    const rate = (amount: number): number => (own > 0 ? amount / own : 0);
    costs.set(name, {
      name, calls: before.calls + 1, ms: before.ms + own, flops: before.flops + flops, bytes: before.bytes + bytes,
      best: { flops: Math.max(before.best.flops, rate(flops)), bytes: Math.max(before.best.bytes, rate(bytes)) },
    });
    return out;
  });
  const start = performance.now();
  try {
    await run();
  } finally {
    for (const config of originals) replace(config, config.kernelFunc);
  }
  const total = performance.now() - start;
  return { kernels: [...costs.values()].sort((a, b) => b.ms - a.ms), total };
}

function replace(config: KernelConfig, kernelFunc: KernelConfig['kernelFunc']): void {
  unregisterKernel(config.kernelName, config.backendName);
  registerKernel({ kernelName: config.kernelName, backendName: config.backendName, kernelFunc });
}
