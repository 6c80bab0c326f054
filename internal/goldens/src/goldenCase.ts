import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { Awaitable } from '@spatialgan/core';

/** A stored array, row-major, in PyTorch's layout. */
export interface StoredArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** case.json; what is not listed is informative. */
export interface CaseMeta {
  readonly name: string;
  readonly op: string;
  readonly args: any; // one shape per op: the runner reads it
  readonly weights_from: Readonly<Record<string, string>>;
  readonly tolerance: {
    readonly default: number;
    readonly overrides: Readonly<Record<string, number>>;
    readonly abs: Readonly<Record<string, number>>;
    readonly informative: readonly string[];
  };
  readonly notes?: readonly string[];
  /** The file beside the case that it is about. */
  readonly file?: string;
}

/** One golden case with its inputs and weights on the active backend. */
export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  readonly args: any;
  readonly dir: string;
  readonly meta: CaseMeta;
  /** `in.*`, without the prefix. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** `weights.*` after weights_from (role self), aliases and zeroing, by state_dict name. */
  readonly weights: Readonly<Record<string, StoredArray>>;
  /** The truth: `out.*` without the prefix, `expect.*` with it. */
  readonly outputs: Readonly<Record<string, StoredArray>>;
  /** The case that plays another role, e.g. 'G' or 'D': its weights (aliases applied) and arguments. */
  role(name: string): { readonly weights: Readonly<Record<string, StoredArray>>; readonly args: any };
}

/** Computes every `out.*` of a case, in PyTorch's layout. Runs inside a tidy. */
export type Runner = (golden: GoldenCase) => Awaitable<Readonly<Record<string, Tensor | number | ArrayLike<number>>>>;

function readArrays(path: string): Record<string, StoredArray> {
  const file = readFileSync(path);
  const n = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + n)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  const base = file.byteOffset + 8 + n;
  const read = (begin: number, end: number): Float32Array =>
    new Float32Array(file.buffer.slice(base + begin, base + end) as ArrayBuffer);
  return Object.fromEntries(
    Object.entries(header).map(([name, { shape, data_offsets }]) => [name, { shape, data: read(...data_offsets) }]),
  );
}

const pick = (arrays: Readonly<Record<string, StoredArray>>, prefix: string): Record<string, StoredArray> =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])),
  );

function adjustWeights(weights: Record<string, StoredArray>, args: any): Record<string, StoredArray> {
  for (const [name, [source, factor]] of Object.entries((args?.weights_alias ?? {}) as Record<string, [string, number]>)) {
    const from = weights[source];
    if (from) weights[name] = { shape: from.shape, data: from.data.map((v) => v * factor) };
  }
  for (const name of (args?.zero_weights ?? []) as string[]) {
    const zeroed = weights[name];
    if (zeroed) weights[name] = { shape: zeroed.shape, data: new Float32Array(zeroed.data.length) };
  }
  return weights;
}

interface RawCase {
  readonly meta: CaseMeta;
  readonly arrays: Readonly<Record<string, StoredArray>>;
}
const noTolerance = { overrides: {}, abs: {}, informative: [] };

function readRaw(dir: string): RawCase {
  const stated = JSON.parse(readFileSync(join(dir, 'case.json'), 'utf8')) as Partial<CaseMeta> & Pick<CaseMeta, 'op' | 'args' | 'tolerance'>;
  return {
    meta: { name: basename(dir), weights_from: {}, ...stated, tolerance: { ...noTolerance, ...stated.tolerance } },
    arrays: readArrays(join(dir, 'case.safetensors')),
  };
}

function weightsOf(root: string, raw: RawCase): Record<string, StoredArray> {
  const self = raw.meta.weights_from?.['self'];
  const inherited = self === undefined ? {} : weightsOf(root, readRaw(join(root, self)));
  return adjustWeights({ ...inherited, ...pick(raw.arrays, 'weights.') }, raw.meta.args);
}

/** Loads a case of a goldens folder. The caller owns `inputs`. */
export function loadCase(root: string, name: string): GoldenCase {
  const dir = join(root, name);
  const raw = readRaw(dir);
  const inputs = Object.entries(pick(raw.arrays, 'in.')).map(
    ([key, { shape, data }]) => [key, tensor(data, [...shape], 'float32')] as const,
  );
  return {
    name,
    op: raw.meta.op,
    args: raw.meta.args,
    dir,
    meta: raw.meta,
    inputs: Object.fromEntries(inputs),
    weights: weightsOf(root, raw),
    outputs: { ...pick(raw.arrays, 'out.'), ...Object.fromEntries(Object.entries(raw.arrays).filter(([key]) => key.startsWith('expect.'))) },
    role(role) {
      const source = raw.meta.weights_from[role];
      if (source === undefined) throw new Error(`${name}: no case plays the role '${role}'`);
      const other = readRaw(join(root, source));
      const own = pick(raw.arrays, `weights.${role}.`);
      return { weights: adjustWeights({ ...weightsOf(root, other), ...own }, raw.meta.args), args: other.meta.args };
    },
  };
}

/** Names of the cases in a folder. */
export function listCases(root: string): readonly string[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'case.json')))
    .map((entry) => entry.name)
    .sort();
}
