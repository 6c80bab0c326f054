import type { ParamData } from '@spatialgan/core';
import { refuseTorch } from '../torch/torchValues.js';

/**
 * The taps whose outer product, normalised to sum 1, a filter buffer is; scaled so that the first of the usual filters are whole.
 *
 * @throws SpatialGANError 'CHECKPOINT' when it is no such product.
 */
function tapsOf({ shape, data }: ParamData, name: string): readonly number[] {
  const n = shape.at(-1) ?? 0;
  if (n === 0 || shape.length > 2 || shape.some((side) => side !== n)) return refuseTorch(`${name}: expected a square filter, got shape [${shape}]`);
  const rows = shape.length === 1 ? 1 : n;
  const sums = Array.from({ length: n }, (_, x) => Array.from({ length: rows }, (_row, y) => data[y * n + x]!).reduce((sum, value) => sum + value, 0));
  const total = sums.reduce((sum, value) => sum + value, 0);
  const product = shape.length === 1 ? sums : sums.flatMap((a) => sums.map((b) => (a * b) / total));
  const exact = product.every((value, i) => Math.abs(value - data[i]!) <= 1e-5 * Math.abs(total));
  if (!exact) return refuseTorch(`${name}: the filter is no outer product of taps; such networks are not supported`);
  const least = Math.min(...sums.filter((value) => Math.abs(value) > 1e-6 * Math.abs(total)).map(Math.abs));
  const whole = sums.map((value) => value / least);
  const rounded = whole.map(Math.round);
  return whole.every((value, i) => Math.abs(value - rounded[i]!) < 1e-4) ? rounded : sums.map((value) => value / total);
}

const normalised = (taps: readonly number[]): readonly number[] => {
  const total = taps.reduce((sum, value) => sum + value, 0);
  return taps.map((value) => value / total);
};

/** The low-pass filter of a network's layers, from its buffers of such names; [1, 3, 3, 1] when it has none. */
export function resampleTaps(arrays: Readonly<Record<string, ParamData>>, isFilter: (name: string) => boolean): readonly number[] {
  const filters = Object.entries(arrays).filter(([name]) => isFilter(name)).map(([name, value]) => ({ name, taps: tapsOf(value, name) }));
  const first = filters[0]?.taps ?? [1, 3, 3, 1];
  for (const { name, taps } of filters) {
    const other = normalised(taps);
    const same = normalised(first).every((value, i) => Math.abs(value - (other[i] ?? Infinity)) < 1e-5) && taps.length === first.length;
    if (!same) refuseTorch(`${name}: expected one filter in all layers, [${first}], got [${taps}]`);
  }
  return first;
}
