export { attentionConsistency, type AttentionConsistency } from './attentionConsistency.js';
export { collectFeatures, type CollectedFeatures, type CollectOptions, type FeatureNeeds } from './collectFeatures.js';
export { coMoveRatio, estimateMean, type Estimate, type Offset } from './coMoveRatio.js';
export { evaluateAttention, type AttentionPair, type EvaluateAttentionOptions } from './evaluateAttention.js';
export { coMoveSheet, type CoMoveSheetOptions } from './coMoveSheet.js';
export { evaluateCoMove, matchMove, type CoMoveOptions, type CoMoveResult, type CoMoveTrial, type RegionMove } from './evaluateCoMove.js';
export { evaluateMetrics, type EvaluateOptions, type FeatureMetric } from './evaluateMetrics.js';
export { evaluateModelCoMove, type ModelCoMoveOptions, type ModelCoMoveResult } from './evaluateModelCoMove.js';
export { evaluatePathLength, type PathLengthOptions } from './evaluatePathLength.js';
export { cachedFeatures, featureKey, hashImages, type FeatureCache } from './featureCache.js';
export {
  functionExtractor, modelExtractor, type ExtractedFeatures, type FeatureExtractor, type FunctionExtractorOptions, type ModelExtractorOptions, type PredictsTensors,
} from './featureExtractor.js';
export type { FeatureMatrix } from './featureMatrix.js';
export { createFeatureStatistics, mergeStatistics, type FeatureStatistics, type StatisticsAccumulator } from './featureStatistics.js';
export { foregroundSegmenter, type ForegroundSegmenterOptions } from './foregroundSegmenter.js';
export { frechetDistance } from './frechetDistance.js';
export { functionSegmenter, type FunctionSegmenterOptions, type PredictedInstance } from './functionSegmenter.js';
export {
  drawGenerated, generatedImages, generatorImages, runtimeImages, type GeneratedImagesOptions, type GeneratorImagesOptions,
} from './generatedImages.js';
export { generatorPaths } from './generatorPaths.js';
export { chooseIndices, datasetImages, type ImageSource } from './imageSource.js';
export { inceptionScore, type InceptionScore } from './inceptionScore.js';
export { lerp, slerp } from './interpolate.js';
export { kernelDistance, type KernelDistance, type KernelDistanceOptions } from './kernelDistance.js';
export type { ExtractorInfo, Interval, MetricResult, MetricWarning, Provenance } from './metricResult.js';
export { paletteSegmenter, type PaletteEntry, type PaletteSegmenterOptions } from './paletteSegmenter.js';
export {
  pathDistances, pathDistancesSync, perceptualPathLength, type PathGenerator, type PathInputs, type PathOptions,
} from './perceptualPathLength.js';
export { precisionRecall, type PrecisionRecall, type PrecisionRecallOptions } from './precisionRecall.js';
export { regionMoves, type RegionMovesOptions } from './regionMoves.js';
export { type ByteImage, type ResizeFilter, resizeImage, type ResizeOptions, resizeToFloat } from '@spatialgan/data';
export { roomSegmenter, type RoomSegmenterOptions } from './roomSegmenter.js';
export { roomMoves, type RoomMovesOptions, roomSegmenterAccuracy, type SegmenterAccuracy } from './roomTruth.js';
export { mostSimilar, objectAt, objectUnder, type SegmentedObject, type Segmenter } from './segmenter.js';
export type { MetricProgress, RunOptions } from './steps.js';
export type { SubsetIndices } from './subsetKernels.js';
export { fromUint8, toUint8, type QuantizeRounding } from './toUint8.js';
export { METRICS_VERSION } from './version.js';
