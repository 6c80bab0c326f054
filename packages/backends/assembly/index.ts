export { packFilter, offsetTable, padCopy, windowProduct } from './conv';
export { windowFilterGrad } from './filterGrad';
export { firGrid } from './fir';
export { sumMiddle } from './reduce';
export { repeatBlocks } from './repeat';
export { transpose2d } from './transpose';
// Exported so that the optimizer does not inline them (see conv.ts).
export { addTile6x8, tile6x8 } from './conv';
