export { fileFeatureCache } from './fileFeatureCache.js';
export { openSmallExtractor, smallExtractorPath } from './openSmallExtractor.js';
export { loadSegmenter } from './loadSegmenter.js';
