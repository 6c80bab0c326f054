export { covarianceOfSpread, type OffsetDistribution, type OutsideRule, type SpreadRange } from './drawCenter.js';
export {
  gaussianRenderer, heatmapChannels, renderRegions, type GaussianRendererOptions, type RenderRegionsOptions,
} from './gaussianRenderer.js';
export { gaussianRegions, gaussianTensors, renderGaussianTensors, type GaussianTensors } from './gaussianTensors.js';
export { hierarchicalSampler, independentSampler, type HierarchicalSamplerOptions } from './hierarchicalSampler.js';
export { multiObjectSampler, type MultiObjectSamplerOptions } from './multiObjectSampler.js';
export { paintNoise, type NoiseRegion } from './noiseRegion.js';
export { noiseSampler, type NoiseSamplerOptions } from './noiseSampler.js';
export { pixelGrid, type GridConvention, type PixelGrid } from './pixelGrid.js';
export {
  paintGaussian, paintPoints, regionPainters, type RegionPainter, type RegionPainters,
} from './regionPainter.js';
