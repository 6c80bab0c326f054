interface Locks {
  request(name: string, callback: () => unknown): Promise<unknown>;
}
const locksHere = (): Locks | undefined => (globalThis.navigator as { locks?: Locks } | undefined)?.locks;

/**
 * Holds a lock for as long as this worker lives; {@link workerEnd} with the same name tells its page when it does not.
 *
 * No event says that a browser has ended a Worker (out of memory, a crash); the browser does free its locks.
 *
 * @returns a promise that resolves when the lock is held; without locks (an insecure context) at once.
 */
export function holdWorkerLock(name: string): Promise<void> {
  const locks = locksHere();
  if (!locks) return Promise.resolve();
  return new Promise((held) => void locks.request(name, () => (held(), new Promise(() => {}))));
}

/** Resolves to the reason when the worker that holds the lock is no more. Ask once it says that it holds it. */
export function workerEnd(name: string): Promise<string> {
  const locks = locksHere();
  return locks ? locks.request(name, () => 'the browser ended it, perhaps for want of memory').then(String) : new Promise(() => {});
}
