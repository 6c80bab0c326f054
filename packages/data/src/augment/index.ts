export {
  type AugmentPreset, augmentPresets, type AugmentRates, augmentRates, type AugmentStrengths, DEFAULT_STRENGTHS, type TransformName, TRANSFORMS,
} from './augmentConfig.js';
export { type AugmentDraws } from './augmentDraws.js';
export { type AugmentCall, type AugmentPipe, augmentPipe } from './augmentPipe.js';
