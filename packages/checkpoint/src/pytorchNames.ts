import { type ParamData, SpatialGANError } from '@spatialgan/core';

/**
 * How one of our parameters is stored in PyTorch: reshape to `view`, transpose by `perm`, reshape to `shape`.
 */
export interface PyTorchEntry {
  /** The state_dict name. */
  readonly name: string;
  readonly view: readonly number[];
  /** Axis i of the transposed array is axis perm[i] of the view. */
  readonly perm: readonly number[];
  /** PyTorch's shape. */
  readonly shape: readonly number[];
}

/** Renames of whole runs of modules, PyTorch's first. */
const RUNS: readonly (readonly [pytorch: string, ours: string])[] = /* @__PURE__ */ (() => [
  ['shared.0', 'shared'],
  ['output.1', 'output'],
  ...[0, 1, 2].flatMap((level) =>
    [0, 1].map((conv) => [`synthesis.hm_conv${conv}_b${8 << level}`, `synthesis.encoder.level${level}.conv${conv}`] as const)),
] as const)();
const LEAVES: readonly (readonly [pytorch: string, ours: string])[] = [
  ['w_avg', 'wAvg'], ['noise_strength', 'noiseStrength'], ['noise_const', 'noiseConst'],
  ['weight', 'weight'], ['bias', 'bias'], ['const', 'const'],
];
const MODULE = /^(mapping|synthesis|b\d+|conv[01]?|torgb|fromrgb|skip|affine|embed|fc\d*|out|sel|shared|sigma|mu|output|encoder|level[012])$/;
const DROPPED = /(^|\.)resample_filter$/;

type Direction = 0 | 1;

function rename(name: string, from: Direction): string | undefined {
  const to = (1 - from) as Direction;
  const dotted = `.${name}`;
  const cut = dotted.lastIndexOf('.');
  const leaf = LEAVES.find((pair) => pair[from] === dotted.slice(cut + 1));
  let modules = `${dotted.slice(0, cut)}.`;
  for (const run of RUNS) modules = modules.replace(`.${run[from]}.`, `.${run[to]}.`);
  // Once the runs have their own names, what is left must be known words; in PyTorch's form `sel.output.1` has a digit.
  const words = (from === 0 ? modules : `${dotted.slice(0, cut)}.`).split('.').slice(1, -1);
  return leaf && words.every((word) => MODULE.test(word)) ? `${modules}${leaf[to]}`.slice(1) : undefined;
}

const product = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** Our shape → how PyTorch has it. */
function layoutOf(path: string, shape: readonly number[]): Omit<PyTorchEntry, 'name'> {
  const permuted = (view: readonly number[], perm: readonly number[]): Omit<PyTorchEntry, 'name'> =>
    ({ view, perm, shape: perm.map((axis) => view[axis]!) });
  if (/(^|\.)noiseConst$/.test(path) || shape.length < 2) return permuted(shape, shape.map((_, i) => i));
  if (/(^|\.)b4\.fc\.weight$/.test(path)) {
    const [rows, out] = shape as [number, number];
    const { perm, shape: full } = permuted([4, 4, rows / 16, out], [3, 2, 0, 1]);
    return { view: [4, 4, rows / 16, out], perm, shape: [full[0]!, rows] };
  }
  if (shape.length === 2) return permuted(shape, [1, 0]);
  if (shape.length === 3) return permuted(shape, [2, 0, 1]);
  return permuted(shape, [3, 2, 0, 1]);
}

/** PyTorch's shape → ours. */
function ourShape(path: string, shape: readonly number[]): readonly number[] {
  if (/(^|\.)noiseConst$/.test(path) || shape.length < 2) return shape;
  if (shape.length === 2) return [shape[1]!, shape[0]!];
  if (shape.length === 3) return [shape[1]!, shape[2]!, shape[0]!];
  return [shape[2]!, shape[3]!, shape[1]!, shape[0]!];
}

/**
 * The PyTorch entry of one of our parameters.
 *
 * @param path ours, e.g. 'synthesis.b8.conv0.weight'; the parameters of a bare layer or block are known too.
 * @param shape ours, e.g. [3,3,I,O].
 * @throws SpatialGANError 'CHECKPOINT' when the path is none of a StyleGAN2's or of the reference encoder's.
 */
export function pyTorchEntry(path: string, shape: readonly number[]): PyTorchEntry {
  const name = rename(path, 1);
  if (name === undefined) throw unknown('toPyTorch', [path]);
  return { name, ...layoutOf(path, shape) };
}

function unknown(where: string, names: readonly string[]): SpatialGANError {
  return new SpatialGANError(
    'CHECKPOINT',
    `${where}: expected names of a StyleGAN2 generator or discriminator, got ${names.length} unknown: ${names.join(', ')}`,
  );
}

/** Transposes a row-major array: axis i of the result is axis perm[i] of `data`. */
function transposed(data: Float32Array, shape: readonly number[], perm: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
  const sizes = perm.map((axis) => shape[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const out = new Float32Array(data.length);
  const index = sizes.map(() => 0);
  let at = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[at]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      at += steps[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      at -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

const inverse = (perm: readonly number[]): readonly number[] => perm.map((_, axis) => perm.indexOf(axis));

/**
 * PyTorch's state of a network (StyleGAN2-ADA's names, OIHW and [out,in]) → our parameters by path
 * (HWIO and [in,out]). The `resample_filter` buffers are dropped: they follow from the config.
 *
 * @throws SpatialGANError 'CHECKPOINT' listing the names that are not known.
 */
export function fromPyTorch(state: Readonly<Record<string, ParamData>>): Map<string, ParamData> {
  const names = Object.keys(state).filter((name) => !DROPPED.test(name));
  const strange = names.filter((name) => rename(name, 0) === undefined);
  if (strange.length > 0) throw unknown('fromPyTorch', strange);
  return new Map(
    names.map((name) => {
      const path = rename(name, 0)!;
      const { shape, data } = state[name]!;
      const ours = ourShape(path, shape);
      const { view, perm } = layoutOf(path, ours);
      const stored = perm.map((axis) => view[axis]!);
      return [path, { shape: ours, data: transposed(data, stored, inverse(perm)) }];
    }),
  );
}

/** The inverse of {@link fromPyTorch}, without `resample_filter` buffers. @throws SpatialGANError 'CHECKPOINT' likewise. */
export function toPyTorch(params: ReadonlyMap<string, ParamData>): Record<string, ParamData> {
  const strange = [...params.keys()].filter((path) => rename(path, 1) === undefined);
  if (strange.length > 0) throw unknown('toPyTorch', strange);
  return Object.fromEntries(
    [...params].map(([path, { shape, data }]) => {
      const entry = pyTorchEntry(path, shape);
      return [entry.name, { shape: entry.shape, data: transposed(data, entry.view, entry.perm) }];
    }),
  );
}
