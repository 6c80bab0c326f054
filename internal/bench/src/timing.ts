/** A piece of work to time; it returns when the work is done, with its CPU time in milliseconds where another process did it. */
export type Piece = () => Promise<number | void>;

/** What a piece costs. */
export interface Cost {
  /** Milliseconds by the clock. */
  readonly wall: number;
  /** Milliseconds of all threads' CPU time, which other programs on the machine do not change much. */
  readonly cpu: number;
}

/** The middle value of a list, the mean of the two middle ones when even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/**
 * Median cost of every piece over `rounds` rounds after two to warm up (in the first a phase is recorded, in the second compared); each round runs all of them in turn, so that a load
 * that comes and goes slows them alike.
 */
export async function interleavedCosts<K extends string>(pieces: Readonly<Record<K, Piece>>, rounds: number): Promise<Record<K, Cost>> {
  const entries = Object.entries(pieces) as [K, Piece][];
  const costs = new Map<K, Cost[]>(entries.map(([name]) => [name, []]));
  for (let warmUp = 0; warmUp < 2; warmUp++) for (const [, piece] of entries) await piece();
  for (let round = 0; round < rounds; round++) {
    for (const [name, piece] of entries) {
      const [start, used] = [performance.now(), process.cpuUsage()];
      const elsewhere = await piece();
      const { user, system } = process.cpuUsage(used);
      costs.get(name)!.push({ wall: performance.now() - start, cpu: elsewhere ?? (user + system) / 1000 });
    }
  }
  const middle = (name: K, of: keyof Cost): number => median(costs.get(name)!.map((cost) => cost[of]));
  return Object.fromEntries(entries.map(([name]) => [name, { wall: middle(name, 'wall'), cpu: middle(name, 'cpu') }])) as Record<K, Cost>;
}

/** The same, by the clock only. */
export async function interleaved<K extends string>(pieces: Readonly<Record<K, Piece>>, rounds: number): Promise<Record<K, number>> {
  const costs = await interleavedCosts(pieces, rounds);
  return Object.fromEntries((Object.entries(costs) as [K, Cost][]).map(([name, { wall }]) => [name, wall])) as Record<K, number>;
}
