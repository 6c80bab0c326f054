export { adaHeuristic, type AdaHeuristicOptions } from './adaHeuristic.js';
export { type AugmentationOptions, type ImageAugmentation } from './augmentation.js';
export { checkpointEvery, type CheckpointEveryOptions } from './checkpointEvery.js';
export {
  createDivergenceGuard, describeDivergence, type DivergenceEvent, type DivergenceGuard, type DivergenceOptions,
} from './divergence/divergenceGuard.js';
export { type NonFiniteOperation, traceNonFinite } from './divergence/traceNonFinite.js';
export { partsOf, type BatchSplit } from './batchParts.js';
export { type BatchEvaluation, type BatchParts } from './evaluateBatch.js';
export { emaBeta, emaUpdate, type EmaOptions } from './ema.js';
export { type BestEvaluation, type Evaluation, evaluateEvery, type EvaluateEveryOptions, type Evaluator } from './evaluateEvery.js';
export { evaluateLosses, type LossEvaluation, type LossStates } from './evaluateLosses.js';
export { enlarge, heatOf, imageGrid, rgbOf, type RgbImage } from './imageGrid.js';
export { adam, disposeAdamState, lazyCorrection, type AdamOptions, type AdamState, type Optimizer } from './optim/adam.js';
export {
  createDiscriminatorPhase, createGeneratorPhase, generate, mapRegions, tappedScore,
  type DiscriminatorInputs, type Generated, type GeneratorInputs, type Mixing, type Networks,
} from './phases.js';
export { durationText } from './durationText.js';
export { type PartEvaluator } from './evaluatePart.js';
export { createPhasePasses, type PhasePasses } from './phasePasses.js';
export { progressLine, type ProgressLineOptions } from './progressLine.js';
export { snapshotEvery, type SnapshotEveryOptions } from './snapshotEvery.js';
export { snapshotSheet, type SnapshotSheetOptions } from './snapshotSheet.js';
export { sharedCommunicator, sharedMemory, type SharedCommunicator, type SharedCommunicatorOptions, type SharedMemory } from './sharedCommunicator.js';
export { createStatCollector, type StatCollector } from './stats.js';
export { statsLog } from './statsLog.js';
export { stopOnDivergence, type StopOnDivergenceOptions } from './stopOnDivergence.js';
export { createEventWriter, type EncodedImage, type EventWriter, type EventWriterOptions } from './tensorBoard/eventWriter.js';
export { tensorBoardLog, type TensorBoardLog } from './tensorBoard/tensorBoardLog.js';
export { createTrainer, type RunOutcome, type Trainer } from './trainer.js';
export { type NetworkOptimizerOptions, type TrainerOptions, type TrainingData } from './trainerOptions.js';
export { disposeGeneratorInputs, drawGeneratorInputs, type DrawInputs, type SamplingSetup } from './generatorInputs.js';
export {
  dueLosses, trainStep, type StepContext, type StepObserver, type TrainingBatch, type TrainingSetup,
} from './trainStep.js';
export {
  cloneTrainerState, disposeTrainerState, initTrainerState, readTrainerState, restoreTrainerState, trainableOf, type TrainerState,
} from './trainerState.js';
export {
  alignAttention, averageRegions, candidateDistances, l1Alignment, minAlignment, nonSaturating, nonSaturatingDiscriminator,
  nonSaturatingGenerator, pathLength, r1, rowMinimum, sumRegions, truncatedL1,
  type AlignAttentionOptions, type L1AlignmentOptions, type MinAlignmentOptions, type PathLengthOptions, type PathLengthState,
  type R1Options, type RegionSum, type TruncatedL1Options, type Truncation,
} from './losses/index.js';
