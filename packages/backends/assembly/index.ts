export { packFilter, offsetTable, padCopy, windowProduct } from './conv';
export { windowFilterGrad } from './filterGrad';
// Exported so that the optimizer does not inline them (see conv.ts).
export { addTile6x8, tile6x8 } from './conv';
