export { composeEncoders } from './composeEncoders.js';
export type { ProjectionParams } from './projectHeatmaps.js';
export { selConcat, selConcatLayer, type SelConcatParams } from './selConcat.js';
export { selFlatten, type SelFlattenOptions, type SelFlattenParams } from './selFlatten.js';
export { selIndoor, styleMap } from './selIndoor.js';
export { selNorm, type SelNormOptions } from './selNorm.js';
export {
  initSelNormLayer, selNormLayer, type SelNormForm, type SelNormParams, type SelNormSize,
} from './selNormLayer.js';
export type { SiteOptions } from './siteFilter.js';
