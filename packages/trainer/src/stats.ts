import { add, dispose, keep, mean, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** Means of reported values over a tick. Tensors stay on the backend until `read`. */
export interface StatCollector {
  report(name: string, value: Tensor | number): void;
  /** Means since the last read, by name; empties the collector. */
  read(): Promise<Readonly<Record<string, number>>>;
  dispose(): void;
}

interface Sum {
  count: number;
  total: number;
  tensor?: Scalar;
}

/** Creates an empty collector; it owns what it accumulates. */
export function createStatCollector(): StatCollector {
  let sums = new Map<string, Sum>();
  const free = (): void => {
    for (const { tensor } of sums.values()) tensor?.dispose();
    sums = new Map();
  };
  return {
    report(name, value) {
      const sum = sums.get(name) ?? { count: 0, total: 0 };
      sums.set(name, sum);
      sum.count++;
      if (typeof value === 'number') {
        sum.total += value;
        return;
      }
      const previous = sum.tensor;
      sum.tensor = keep(tidy(() => (previous ? add(previous, mean(value)) : mean(value)) as Scalar));
      if (previous) dispose(previous);
    },
    async read() {
      const current = sums;
      sums = new Map();
      const means: Record<string, number> = {};
      for (const [name, { count, total, tensor }] of current) {
        const onBackend = tensor ? (await tensor.data())[0]! : 0;
        tensor?.dispose();
        means[name] = (total + onBackend) / count;
      }
      return means;
    },
    dispose: free,
  };
}
