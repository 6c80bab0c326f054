export { blockResolutions, channelsAt, type ChannelSchedule } from './channels.js';
export { type DiscriminatorParams, styleGan2Discriminator } from './discriminator.js';
export {
  discriminatorBlock, type DiscriminatorBlockConfig, type DiscriminatorBlockOptions, type DiscriminatorBlockParams,
  type DiscriminatorState, initDiscriminatorBlock,
} from './discriminatorBlock.js';
export {
  type DiscriminatorConfig, resolveDiscriminatorConfig, type ResolvedDiscriminatorConfig,
} from './discriminatorConfig.js';
export {
  discriminatorEpilogue, type DiscriminatorEpilogueConfig, type DiscriminatorEpilogueOptions,
  type DiscriminatorEpilogueParams, initDiscriminatorEpilogue,
} from './discriminatorEpilogue.js';
export { type GeneratorParams, styleGan2Generator } from './generator.js';
export {
  type Architecture, type GeneratorConfig, type MappingConfig, resolveGeneratorConfig, type ResolvedGeneratorConfig,
  resolveMappingConfig,
} from './generatorConfig.js';
export type { NoiseMode, NoiseOptions } from './layerNoise.js';
export type { ConvParams, DenseParams } from './layerParams.js';
export type { LayerCodes, LayerEncoding } from './layerStyles.js';
export {
  broadcastWs, initMapping, mapping, type MappingInput, type MappingParams, type ResolvedMappingConfig, trackWAvg,
  truncate, type Truncation,
} from './mapping.js';
export { drawMixingCutoff, mixStyles } from './mixStyles.js';
export {
  auto, cifar, paper1024, paper256, paper512, type Preset, stylegan2, tiny32, tiny64, type TrainingHyperparameters,
} from './presets.js';
export type { SynthesisParams } from './synthesis.js';
export type { SynthesisBlockParams } from './synthesisBlock.js';
export {
  initSynthesisLayer, synthesisLayer, type SynthesisLayerConfig, type SynthesisLayerOptions, type SynthesisLayerParams,
} from './synthesisLayer.js';
export { initToRgb, toRgb, type ToRgbConfig, type ToRgbOptions, type ToRgbParams } from './toRgb.js';
