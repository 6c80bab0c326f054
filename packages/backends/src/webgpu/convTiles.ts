/** The shape of a workgroup's tile of the product: rows × columns, by threads of `perThread` rows × 4 columns each. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly perThread: number;
  /** Steps of the inner sum that are loaded at a time; a multiple of four. */
  readonly depth: number;
}

/**
 * For large products, few columns, four columns (images), few rows (4×4 and 8×8 features); the small one is for software
 * adapters, which gain nothing from a large tile: SwiftShader compiles 0.7 ms for each float of its memory, to set it to zero.
 */
export const TILES = {
  square: { rows: 64, columns: 64, perThread: 4, depth: 16 },
  tall: { rows: 64, columns: 16, perThread: 4, depth: 16 },
  thin: { rows: 64, columns: 4, perThread: 1, depth: 16 },
  flat: { rows: 16, columns: 64, perThread: 4, depth: 16 },
  small: { rows: 16, columns: 16, perThread: 4, depth: 4 },
} as const satisfies Record<string, Tile>;

/** The name of a tile. */
export type TileName = keyof typeof TILES;

/** The tile that wastes least: columns first, then rows. */
export function tileFor(rows: number, columns: number, software = false): TileName {
  if (software) return 'small';
  if (columns <= 4) return 'thin';
  if (columns <= 16) return 'tall';
  return rows <= 32 ? 'flat' : 'square';
}

/** Invocations of a workgroup. */
export const threadsOf = ({ rows, columns, perThread }: Tile): number => (rows / perThread) * (columns / 4);

/** Workgroups that keep a GPU busy: with fewer, the inner sum is divided among several. */
const ENOUGH = 128;
/** Inner steps that are worth a workgroup of their own. */
const LEAST_DEPTH = 256;

/** Into how many parts to divide a sum of `depth` terms, so that about {@link ENOUGH} workgroups run. */
export function splitsFor(groups: number, depth: number): number {
  const wanted = Math.floor(ENOUGH / groups);
  return Math.max(1, Math.min(wanted, Math.floor(depth / LEAST_DEPTH)));
}
