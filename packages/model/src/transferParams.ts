import { type ParamData, SpatialGANError } from '@spatialgan/core';

/** A network's parameters after a transfer. */
export interface Transferred {
  readonly params: Map<string, ParamData>;
  /** Paths that were taken over. */
  readonly taken: readonly string[];
  /** Paths that the source does not have: they stay as they were. */
  readonly fresh: readonly string[];
  /** Paths of the source that this network has no place for. */
  readonly unused: readonly string[];
}

const some = (list: readonly string[]): string => `${list.slice(0, 3).join('; ')}${list.length > 3 ? `; and ${list.length - 3} more` : ''}`;

/**
 * Begins a network with the parameters of another one, by path; what the other lacks (an encoder, a larger block) stays fresh.
 *
 * @param name which network, for messages.
 * @param fresh the network's own, e.g. of `readParams(model.init(rng))`.
 * @throws SpatialGANError 'CHECKPOINT' when a path is in both with different shapes, or none is.
 */
export function transferParams(name: string, fresh: ReadonlyMap<string, ParamData>, source: ReadonlyMap<string, ParamData>): Transferred {
  const shared = [...fresh.keys()].filter((path) => source.has(path));
  const other = shared.filter((path) => source.get(path)!.shape.join() !== fresh.get(path)!.shape.join());
  if (other.length > 0) {
    const list = other.map((path) => `${name}.${path} is [${fresh.get(path)!.shape}] here and [${source.get(path)!.shape}] there`);
    throw new SpatialGANError('CHECKPOINT', `${other.length} of ${fresh.size} tensors have other shapes: ${some(list)}`);
  }
  if (shared.length === 0) throw new SpatialGANError('CHECKPOINT', `none of the ${fresh.size} tensors of ${name} is there`);
  return {
    params: new Map([...fresh].map(([path, value]) => [path, source.get(path) ?? value])),
    taken: shared,
    fresh: [...fresh.keys()].filter((path) => !source.has(path)),
    unused: [...source.keys()].filter((path) => !fresh.has(path)),
  };
}
