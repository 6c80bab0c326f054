import { SpatialGANError } from '@spatialgan/schema';

const lostError = (reason: string, cause?: unknown): SpatialGANError =>
  new SpatialGANError('BACKEND_LOST', `the device that computes is lost: ${reason}; open the model again`, cause === undefined ? {} : { cause });

/** A trap in WebAssembly leaves its memory in no known state: the instance is as lost as a GPU device that was taken away. */
const isTrap = (error: unknown): boolean => typeof WebAssembly !== 'undefined' && error instanceof WebAssembly.RuntimeError;

/** Runs work that ends in 'BACKEND_LOST' as soon as the device is lost, even when reading from it would never return. */
export type LossGuard = <T>(work: () => Promise<T>) => Promise<T>;

/** A guard over a backend's `lost`. */
export function createLossGuard(lost: Promise<string> | undefined): LossGuard {
  let reason: string | undefined;
  // A listener per request on a promise that never settles would grow without end: one listener, and a set.
  const failing = new Set<(error: SpatialGANError) => void>();
  void lost?.then((why) => {
    reason = why;
    for (const fail of failing) fail(lostError(why));
    failing.clear();
  });
  return (work) =>
    new Promise((resolve, reject) => {
      if (reason !== undefined) return reject(lostError(reason));
      const end = (error: unknown): void => {
        failing.delete(reject);
        reject(reason !== undefined && !(error instanceof SpatialGANError) ? lostError(reason, error) : isTrap(error) ? lostError(String(error), error) : error);
      };
      failing.add(reject);
      let working: ReturnType<typeof work>;
      try {
        working = work();
      } catch (error) {
        return end(error);
      }
      working.then((result) => (failing.delete(reject), resolve(result)), end);
    });
}
