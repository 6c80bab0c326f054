export { extractAttention } from './extractAttention.js';
export { gradCam, hiResCam, layerCam, type CamOptions, type GradCamOptions } from './gradCam.js';
export { gradientExtractor, type GradientMethod } from './gradientExtractor.js';
export { minMaxNormalize } from './minMaxNormalize.js';
export type { ScoreObjective } from './scoreObjective.js';
