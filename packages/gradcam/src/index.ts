export { eigenCam, eigenGradCam } from './eigenCams.js';
export { extractAttention } from './extractAttention.js';
export { gradCam, hiResCam, layerCam, type CamOptions, type GradCamOptions } from './gradCam.js';
export { gradientExtractor, type GradientMethod } from './gradientExtractor.js';
export { minMaxNormalize } from './minMaxNormalize.js';
export { ablationCam, type PerturbationOptions, scoreCam } from './perturbationCams.js';
export { gradCamPlusPlus, xGradCam } from './refinedCams.js';
export type { ScoreObjective } from './scoreObjective.js';
