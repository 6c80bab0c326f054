export { SpatialGANError, isSpatialGANError, throwIfAborted, type SpatialGANErrorCode } from './errors.js';
export { classLabel } from './classLabel.js';
export type {
  GaussianRegion, HeatmapLayout, LatentSpec, LayoutLevel, Point, Region, RegionBase, RegionKinds,
} from './layout.js';
export type {
  ModelInfo, ModelRuntime, ProjectOptions, Projection, ProjectionProgress, RgbaImage, SynthesisRequest, SynthesizeOptions,
} from './runtime.js';
export {
  covarianceOfAxes, evaluateGaussian, gaussianAxes, inverseCovariance, isotropicCovariance, type GaussianAxes,
} from './geometry.js';
export {
  addRegion, findRegion, levelOf, moveRegion, regionsOf, removeRegion, updateRegion, withDescendants,
} from './edits.js';
export {
  latentFromJson, latentToJson, layoutFromJson, layoutToJson, requestFromJson, requestToJson, type LatentJson,
} from './requestJson.js';
export { validateLayout } from './validateLayout.js';
