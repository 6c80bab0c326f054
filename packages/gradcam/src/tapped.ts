import { type Tensor4D } from '@tensorflow/tfjs-core';
import { type NamedMaps, SpatialGANError } from '@spatialgan/core';

/** The map of a target. @throws SpatialGANError 'CONFIG' when there is none of that name. */
export function tapped(where: string, maps: NamedMaps, target: string): Tensor4D {
  const map = maps[target];
  if (map) return map;
  throw new SpatialGANError('CONFIG', `${where}: expected one of the taps [${Object.keys(maps).join()}], got target '${target}'`);
}
