import type { CaseMeta, StoredArray } from './goldenCase.js';

/** How far one output is from the truth. */
export interface OutputError {
  readonly output: string;
  readonly error: number;
  readonly tolerance: number;
  /** error / tolerance: above 1 is a failure. */
  readonly ratio: number;
}

/** A case may name outputs by prefix: 'param_digest.' covers 'param_digest.b4.const'. */
const byPrefix = (table: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.entries(table).find(([prefix]) => name === prefix || (prefix.endsWith('.') && name.startsWith(prefix)))?.[1];

/** Outputs that are compared: all but the informative ones and those for debugging. */
export function comparedOutputs(meta: CaseMeta, names: readonly string[]): readonly string[] {
  const informative = new Set(meta.tolerance.informative);
  return names.filter((name) => !informative.has(name) && !name.startsWith('debug_'));
}

/** max|a-b| ≤ t · max|b|, or plainly max|a-b| ≤ t where b is all zero or the case says 'abs'. */
export function outputError(
  meta: CaseMeta,
  output: string,
  got: ArrayLike<number>,
  { truth, comparable = () => true }: { readonly truth: StoredArray; readonly comparable?: (index: number) => boolean },
): OutputError {
  const { tolerance } = meta;
  const absolute = byPrefix(tolerance.abs, output);
  const limit = absolute ?? tolerance.overrides[output] ?? tolerance.default;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < truth.data.length; i++) {
    if (!comparable(i)) continue;
    const d = Math.abs(got[i]! - truth.data[i]!);
    if (!(d <= difference)) difference = d; // lets NaN through as the worst
    scale = Math.max(scale, Math.abs(truth.data[i]!));
  }
  const error = absolute === undefined && scale > 0 ? difference / scale : difference;
  return { output, error, tolerance: limit, ratio: Number.isNaN(error) ? Infinity : error / limit };
}

/**
 * Which entries of an output may be compared. The first Adam step moves every entry by about lr·sign(g): where a
 * case's `param_safe8` marks a gradient at rounding level, that entry of a digest [mean, std, first 8] is arbitrary.
 */
export function comparableEntries(output: string, outputs: Readonly<Record<string, StoredArray>>): (index: number) => boolean {
  const parameter = /^(?:param|ema)_digest\.(.*)$/.exec(output)?.[1];
  const safe = parameter === undefined ? undefined : outputs[`param_safe8.${parameter}`];
  return safe ? (index) => index < 2 || safe.data[index - 2] === 1 : () => true;
}
