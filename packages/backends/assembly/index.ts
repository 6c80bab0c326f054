export { addGroups, convBand, filterGradBands } from './bands';
export { packFilter, offsetTable } from './conv';
export { biasAct, biasActGrad, binaryFlat, binaryRows, copyRows } from './elementwise';
export { adam, movingAverage } from './optimizer';
export { packNarrow } from './narrow';
export { firGrid } from './fir';
export { sumMiddle } from './reduce';
export { repeatBlocks } from './repeat';
export { transpose2d } from './transpose';
export { winogradBand, winogradFilter } from './winograd';
export { winogradGradBands, winogradGradFilter } from './winogradFilterGrad';
// Exported so that the optimizer does not inline them (see conv.ts).
export { addTile6x8, tile6x8, windowProduct, padCopy } from './conv';
export { outerTile6x8 } from './winogradFilterGrad';
export { maddPeak } from './peak';
export { dots4x2, grad16x2, narrowWindows } from './narrow';
