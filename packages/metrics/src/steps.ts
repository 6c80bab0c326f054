import { throwIfAborted } from '@spatialgan/core';

/** A long computation that stops now and then to say which fraction is done. */
export type Steps<T> = Generator<number, T, void>;

/** How far a stage is. */
export interface MetricProgress {
  /** E.g. `features of real images`, `kid`. */
  readonly stage: string;
  /** In [0, 1]. */
  readonly fraction: number;
  readonly elapsedMs: number;
  /** Until the stage ends, from its pace so far; null before anything is done. */
  readonly etaMs: number | null;
}

/** What every slow function takes. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MetricProgress) => void;
}

/** Runs to the end at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Reports one stage's progress, with the time that remains at the pace so far. */
export function progressOf(stage: string, { onProgress }: RunOptions): (fraction: number) => void {
  const start = performance.now();
  return (fraction) => {
    const elapsedMs = performance.now() - start;
    onProgress?.({ stage, fraction, elapsedMs, etaMs: fraction > 0 ? (elapsedMs * (1 - fraction)) / fraction : null });
  };
}

const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/**
 * Runs to the end, leaving the event loop its turn every 30 ms.
 *
 * @throws SpatialGANError 'ABORTED' when the signal fires.
 */
export async function drive<T>(stage: string, steps: Steps<T>, options: RunOptions = {}): Promise<T> {
  const report = progressOf(stage, options);
  let last = performance.now();
  for (;;) {
    throwIfAborted(options.signal, stage);
    const { done, value } = steps.next();
    if (done) {
      report(1);
      return value;
    }
    if (performance.now() - last > 30) {
      report(value);
      await breathe();
      last = performance.now();
    }
  }
}
