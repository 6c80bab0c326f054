import type { ParamData } from '@spatialgan/core';

/** |a - b| / |a| over all parameters of two stored trees. @throws Error when their names differ. */
export function relativeDistance(a: ReadonlyMap<string, ParamData>, b: ReadonlyMap<string, ParamData>): number {
  if ([...a.keys()].sort().join() !== [...b.keys()].sort().join()) throw new Error('expected two trees of the same names');
  let [difference, size] = [0, 0];
  for (const [path, { data }] of a) {
    const other = b.get(path)!.data;
    data.forEach((value, i) => ([difference, size] = [difference + (value - other[i]!) ** 2, size + value ** 2]));
  }
  return Math.sqrt(difference / size);
}
