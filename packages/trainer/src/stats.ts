import { add, dispose, keep, mean, type Scalar, scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { StatSum } from '@spatialgan/core';

/** Means of reported values over a tick. Tensors stay on the backend until `read`. */
export interface StatCollector {
  report(name: string, value: Tensor | number): void;
  /** Means since the last read, by name; empties the collector. */
  read(): Promise<Readonly<Record<string, number>>>;
  /** What has accumulated since the last read, as plain JSON. */
  save(): Promise<Readonly<Record<string, StatSum>>>;
  /** Goes on from what `save` gave. */
  restore(saved: Readonly<Record<string, StatSum>>): void;
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
    async save() {
      const saved: Record<string, StatSum> = {};
      for (const [name, { count, total, tensor }] of sums) {
        saved[name] = { count, total, ...(tensor ? { tensor: (await tensor.data())[0]! } : {}) };
      }
      return saved;
    },
    restore(saved) {
      free();
      for (const [name, { count, total, tensor }] of Object.entries(saved)) {
        // JSON has no NaN: it comes back as null.
        sums.set(name, { count, total: total ?? NaN, ...(tensor === undefined ? {} : { tensor: scalar(tensor ?? NaN) }) });
      }
    },
    dispose: free,
  };
}
