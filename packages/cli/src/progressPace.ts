/**
 * Tells when a line of progress is due: not before some seconds have gone, so that short work says nothing, and then
 * at most once in as long.
 */
export function progressPace(everyMs = 3000): () => boolean {
  let next = performance.now() + everyMs;
  return () => {
    const now = performance.now();
    if (now < next) return false;
    next = now + everyMs;
    return true;
  };
}
