export { fileFeatureCache } from './fileFeatureCache.js';
export { openSmallExtractor, smallExtractorPath } from './openSmallExtractor.js';
