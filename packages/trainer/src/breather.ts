/** How long a run may keep the event loop, in ms. */
const longest = 50;

/**
 * Lets timers, signals and messages have their turn, at most every 50 ms.
 *
 * On backends that compute in this thread a step waits for nothing outside it, so that without this Ctrl-C or an abort would be noticed only where a file is
 * written.
 */
export function createBreather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < longest) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
