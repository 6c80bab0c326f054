import {
  createRng, disposeParams, flattenParams, type ParamTree, type Rng, SpatialGANError, tensorsOf, unflattenParams,
} from '@spatialgan/core';
import type { StoredModel } from './modelFile.js';

/** Parameters of a file in the shape of the network; wrong or missing names are refused before anything runs. */
export function loadParams(init: (rng: Rng) => ParamTree, stored: StoredModel['G'], network: string): ParamTree {
  const like = init(createRng(0));
  const missing = [...flattenParams(like)].filter(([path, leaf]) => stored.get(path)?.shape.join() !== leaf.shape.join());
  disposeParams(like);
  const first = missing[0];
  if (first) {
    const got = stored.get(first[0]);
    throw new SpatialGANError(
      'CHECKPOINT',
      `model file: ${network}.${first[0]}: expected shape [${first[1].shape}], got ${got ? `[${got.shape}]` : 'nothing'}; ` +
        'the weights belong to another configuration',
    );
  }
  return unflattenParams(tensorsOf(stored));
}
