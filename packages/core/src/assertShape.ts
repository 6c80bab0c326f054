import { SpatialGANError } from '@spatialgan/schema';

/**
 * Checks a shape against a pattern: numbers must match, strings name a free dimension that must be
 * the same wherever it occurs, null is any size. Returns the named dimensions.
 *
 * `assertShape('selNorm: features', x.shape, ['N', 'h', 'w', 'C'])`
 *
 * @throws SpatialGANError 'SHAPE' with the expected pattern and what was got.
 */
export function assertShape(
  where: string,
  shape: readonly number[],
  pattern: readonly (number | string | null)[],
  advice = '',
): Readonly<Record<string, number>> {
  const dims: Record<string, number> = {};
  const fits = shape.length === pattern.length && pattern.every((want, i) => {
    const got = shape[i]!;
    if (want === null) return true;
    if (typeof want === 'number') return want === got;
    return (dims[want] ??= got) === got;
  });
  if (fits) return dims;
  const expected = pattern.map((p) => p ?? '*').join(',');
  const hint = advice ? `; ${advice}` : '';
  throw new SpatialGANError('SHAPE', `${where}: expected [${expected}], got [${shape.join(',')}]${hint}`);
}
