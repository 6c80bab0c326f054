export { SpatialGANError, isSpatialGANError, throwIfAborted, type SpatialGANErrorCode } from '@spatialgan/schema';
export { assertShape } from './assertShape.js';
export type { AlignmentLoss, AttentionExtractor, RecordedPass, WholeBatch } from './attention.js';
export type { Backend, BackendCapabilities } from './backend.js';
export type { HeatmapPyramid, HeatmapRenderer, HeatmapSampler } from './heatmaps.js';
export type { Communicator } from './communicator.js';
export type {
  DiscriminatorLoss, DiscriminatorPhase, GeneratorLoss, GeneratorPhase, LossContext, LossPlugin, LossResult, SplitBatch,
} from './losses.js';
export type {
  DiscriminatorModel, Disposable, GeneratorModel, MappingContext, SynthesisContext,
} from './networks.js';
export {
  cloneParams, countParams, disposeParams, flattenParams, isTensor, mapParams, readParams, tensorsOf,
  unflattenParams, visitParams, withLeaves, zerosLikeParams,
  type NamedTensors, type ParamData, type ParamTree,
} from './paramTree.js';
export { ioReason } from './ioReason.js';
export { type BatchPart, createRng, type Rng } from './rng.js';
export type { EncoderSetting, EncoderSite, RegionStyles, SpatialEncoder } from './spatialEncoder.js';
export { stopGradient } from './stopGradient.js';
export { collectTaps, noTap, tidyTapped, type NamedMaps, type Tap, type TappedScore } from './tap.js';
export type { Awaitable, StatSum, TrainerContext, TrainerPlugin, TrainingSnapshot } from './trainerPlugin.js';
export { valueAndGrad, vjp, type LossAndAux, type ValueAndGrad } from './valueAndGrad.js';
