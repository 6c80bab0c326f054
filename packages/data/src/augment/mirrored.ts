/** The index inside [0, size) that mirroring without edge repetition puts at `index`. */
export function mirrored(index: number, size: number): number {
  const period = Math.max(1, 2 * (size - 1));
  const at = ((index % period) + period) % period;
  return at < size ? at : period - at;
}
