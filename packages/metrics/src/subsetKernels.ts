import { type FeatureMatrix, gatherRows } from './featureMatrix.js';
import { kernelTable, type Rows } from './kernelTable.js';
import type { Steps } from './steps.js';

/** Images of one subset, by row. */
export interface SubsetIndices {
  readonly real: ArrayLike<number>;
  readonly generated: ArrayLike<number>;
}

/** A table of kernels, and which of its rows and columns a subset's images have. */
export interface Pairs {
  readonly table: Float64Array;
  readonly width: number;
  readonly rows: ArrayLike<number>;
  readonly columns: ArrayLike<number>;
}

const relations = { real: ['real', 'real'], generated: ['generated', 'generated'], across: ['real', 'generated'] } as const;
type Relation = keyof typeof relations;
const names: readonly Relation[] = ['real', 'generated', 'across'];

/** What one subset is judged by: kernels within either set, filled below the diagonal, and across. */
export type SubsetKernels = Readonly<Record<Relation, Pairs>>;

/** Kernels of whole sets are kept where they are at most this many (256 MiB). */
const mostKept = 2 ** 25;

const range = (length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => i);

/**
 * Hands out the kernels of subset after subset. Where the subsets together have more pairs than the whole sets, as
 * those of a thousand images have a hundredfold, the kernels are computed once for all of them: the same to the bit.
 */
export function* eachSubset(sets: Readonly<Record<keyof SubsetIndices, FeatureMatrix>>, subsets: readonly SubsetIndices[], use: (kernels: SubsetKernels) => void): Steps<void> {
  const m = subsets[0]!.real.length;
  const pairsOfSets = (name: Relation): number => sets[relations[name][0]].rows * sets[relations[name][1]].rows;
  const isShared = (name: Relation): boolean => pairsOfSets(name) <= Math.min(mostKept, subsets.length * m * m);
  const halves = (name: Relation): number => (name === 'across' ? 1 : 0.5);
  const work = names.reduce((sum, name) => sum + halves(name) * (isShared(name) ? pairsOfSets(name) : subsets.length * m * m), 0);
  let done = 0;
  const tableOf = function* (name: Relation, rows: Readonly<Record<keyof SubsetIndices, Rows>>): Steps<Float64Array> {
    const steps = kernelTable(rows[relations[name][0]], rows[relations[name][1]]);
    for (;;) {
      const { done: ended, value } = steps.next();
      if (ended) return value;
      yield Math.min(1, (done += value) / work);
    }
  };
  const gathered = ({ real, generated }: SubsetIndices): Readonly<Record<keyof SubsetIndices, Rows>> => ({
    real: { rows: real.length, dims: sets.real.dims, values: gatherRows(sets.real, real) },
    generated: { rows: generated.length, dims: sets.generated.dims, values: gatherRows(sets.generated, generated) },
  });
  const shared = new Map<Relation, Float64Array>();
  if (names.some(isShared)) {
    const whole = gathered({ real: range(sets.real.rows), generated: range(sets.generated.rows) });
    for (const name of names) if (isShared(name)) shared.set(name, yield* tableOf(name, whole));
  }
  for (const subset of subsets) {
    const own = names.every(isShared) ? undefined : gathered(subset);
    const pairs = function* (name: Relation): Steps<Pairs> {
      const [a, b] = relations[name];
      const table = shared.get(name);
      if (table) return { table, width: sets[b].rows, rows: subset[a], columns: subset[b] };
      return { table: yield* tableOf(name, own!), width: m, rows: range(m), columns: range(m) };
    };
    use({ real: yield* pairs('real'), generated: yield* pairs('generated'), across: yield* pairs('across') });
    yield Math.min(1, done / work);
  }
}
