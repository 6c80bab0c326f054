/** The reported values of every step, in order: losses, scores, gradient penalties. Plain JSON. */
export type Curve = readonly Readonly<Record<string, number>>[];

/** The largest difference of two curves, relative to max(1, |value|), with where it is. @throws Error when they differ in length or names. */
export function curveDifference(a: Curve, b: Curve): { readonly worst: number; readonly where: string } {
  let [worst, where] = [0, ''];
  if (a.length !== b.length) throw new Error(`expected curves of one length, got ${a.length} and ${b.length}`);
  a.forEach((values, step) => {
    const other = b[step]!;
    if (Object.keys(values).sort().join() !== Object.keys(other).sort().join()) throw new Error(`step ${step}: expected the same reports`);
    for (const [name, value] of Object.entries(values)) {
      const difference = Math.abs(value - other[name]!) / Math.max(1, Math.abs(value));
      if (!(difference <= worst)) [worst, where] = [difference, `step ${step}, ${name}: ${value} and ${other[name]}`];
    }
  });
  return { worst, where };
}
