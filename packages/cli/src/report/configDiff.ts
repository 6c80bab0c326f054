/** Leaves of a JSON value by dotted path, as text. */
export function flattenJson(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, JSON.stringify(value) ?? 'undefined']]);
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (entries.length === 0) return new Map([[path, Array.isArray(value) ? '[]' : '{}']]);
  // Lists of numbers and words read better whole.
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return new Map([[path, JSON.stringify(value)]]);
  return new Map(entries.flatMap(([name, child]) => [...flattenJson(child, path === '' ? name : `${path}.${name}`)]));
}

/** Settings in which values differ, each with one text a value; '-' where there is none. */
export function configDiff(values: readonly unknown[]): readonly { readonly path: string; readonly texts: readonly string[] }[] {
  const flat = values.map((value) => flattenJson(value));
  const paths = [...new Set(flat.flatMap((leaves) => [...leaves.keys()]))];
  return paths
    .map((path) => ({ path, texts: flat.map((leaves) => leaves.get(path) ?? '-') }))
    .filter(({ texts }) => new Set(texts).size > 1);
}
