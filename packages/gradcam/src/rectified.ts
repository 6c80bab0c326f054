import { relu, type Tensor4D } from '@tensorflow/tfjs-core';

/** Whether a map keeps only what speaks for the score (ReLU after the sum over channels, the papers' form) or also what speaks against it. */
export type MapRelu = 'after-sum' | 'none';

/** ReLU of a map, or the map itself. */
export const rectified = (map: Tensor4D, choice: MapRelu = 'after-sum'): Tensor4D => (choice === 'none' ? map : relu(map));
