/** A piece of work to time; it returns when the backend is done. */
export type Piece = () => Promise<void>;

/** The middle value of a list, the mean of the two middle ones when even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * Median milliseconds of every piece over `rounds` rounds after one warm-up; each round runs all of them in turn, so that
 * a load that comes and goes slows them alike.
 */
export async function interleaved<K extends string>(pieces: Readonly<Record<K, Piece>>, rounds: number): Promise<Record<K, number>> {
  const entries = Object.entries(pieces) as [K, Piece][];
  const times = new Map<K, number[]>(entries.map(([name]) => [name, []]));
  for (const [, piece] of entries) await piece();
  for (let round = 0; round < rounds; round++) {
    for (const [name, piece] of entries) {
      const start = performance.now();
      await piece();
      times.get(name)!.push(performance.now() - start);
    }
  }
  return Object.fromEntries(entries.map(([name]) => [name, median(times.get(name)!)])) as Record<K, number>;
}
