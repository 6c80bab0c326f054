import { SpatialGANError } from '@spatialgan/core';

/** Throws 'DATA' unless `index` names an image of a data set of `length`. */
export function assertIndex(where: string, index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new SpatialGANError('DATA', `${where}: expected an index in [0, ${length}), got ${index}`);
}
