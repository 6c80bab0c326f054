export { smallExtractor } from './smallExtractor.js';
export { initSmall, type SmallConv, smallDims, smallFeatures, type SmallLayer, type SmallParams, smallShapes, smallSize } from './smallNetwork.js';
