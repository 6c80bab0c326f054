export { augmentOf, buildModel, extractorOf, lossesOf, samplerOf, type BuiltModel } from './buildModel.js';
export { fitLayout } from './fitLayout.js';
export { createLocalRuntime, type LocalRuntimeOptions } from './localRuntime.js';
export type { AlignmentConfig, AugmentConfig, EncoderConfig, ModelConfig, SamplerConfig, TrainingConfig } from './modelConfig.js';
export { readModel, writeModel, type StoredModel } from './modelFile.js';
export { paperConfig, type PaperConfigName, paperConfigNames } from './paperConfigs.js';
export { presetConfig, presetNames, type PresetName, type PresetOptions, type RunConfig } from './presets.js';
export { defaultResolution, type SizeDefaults, sizeDefaults, type SizeName, sizeNames } from './sizes.js';
export { transferParams, type Transferred } from './transferParams.js';
