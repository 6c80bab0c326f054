export { fileFeatureCache } from './fileFeatureCache.js';
