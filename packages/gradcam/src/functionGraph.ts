import { type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { SpatialGANError, type TappedScore } from '@spatialgan/core';

/** A step of {@link functionGraph}: of the step before it, or of those it names ('images' is the input). */
export type GraphStep = ((x: Tensor) => Tensor) | { readonly from: readonly string[]; readonly run: (...inputs: Tensor[]) => Tensor };

/**
 * Functions by name as a score: they run in the order given, the last one's result is the score, and every [N,h,w,C] result
 * can be looked at under its name.
 *
 * @throws SpatialGANError 'CONFIG' when there is no step, or one names a step that does not come before it.
 */
export function functionGraph(steps: Readonly<Record<string, GraphStep>>): TappedScore {
  const names = Object.keys(steps);
  if (names.length === 0) throw new SpatialGANError('CONFIG', 'functionGraph: expected at least one step, got none');
  names.forEach((name, i) => {
    const step = steps[name]!;
    const missing = typeof step === 'function' ? undefined : step.from.find((from) => !['images', ...names.slice(0, i)].includes(from));
    if (missing !== undefined) {
      throw new SpatialGANError('CONFIG', `functionGraph: expected step '${name}' to take from steps before it, got '${missing}'`);
    }
  });
  return (images, tap) => {
    const results: Record<string, Tensor> = { images };
    let last: Tensor = images;
    for (const name of names) {
      const step = steps[name]!;
      const value = typeof step === 'function' ? step(last) : step.run(...step.from.map((from) => results[from]!));
      last = results[name] = value.rank === 4 ? tap(name, value as Tensor4D) : value;
    }
    return last;
  };
}
