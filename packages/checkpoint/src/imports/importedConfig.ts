/** Sizes and options of a mapping network. */
export interface ImportedMapping {
  readonly numLayers?: number;
  readonly embedFeatures?: number;
  readonly layerFeatures?: number;
  readonly activation?: ImportedActivation;
  readonly lrMultiplier?: number;
  readonly wAvgBeta?: number | null;
}

export type ImportedActivation = 'linear' | 'relu' | 'lrelu' | 'tanh' | 'sigmoid' | 'elu' | 'selu' | 'softplus' | 'swish';
export type ImportedArchitecture = 'skip' | 'resnet' | 'orig';

interface ImportedNetwork {
  readonly imgResolution: number;
  readonly imgChannels: number;
  readonly cDim: number;
  readonly channelBase: number;
  readonly channelMax: number;
  readonly architecture: ImportedArchitecture;
  readonly activation: ImportedActivation;
  readonly resampleFilter: readonly number[];
  readonly convClamp: number | null;
}

/** A generator as `GeneratorConfig` of `@spatialgan/stylegan2` has it. */
export interface ImportedGenerator extends ImportedNetwork {
  readonly zDim: number;
  readonly wDim: number;
  readonly useNoise: boolean;
  readonly mapping: ImportedMapping;
}

/** A discriminator as `DiscriminatorConfig` of `@spatialgan/stylegan2` has it. */
export interface ImportedDiscriminator extends ImportedNetwork {
  readonly cmapDim?: number;
  readonly mapping?: ImportedMapping;
  readonly mbstdGroupSize: number | null;
  readonly mbstdNumChannels: number;
}

/** All that `ModelConfig` of `@spatialgan/model` says; plain JSON. */
export interface ImportedConfig {
  readonly name: string;
  readonly generator: ImportedGenerator;
  readonly discriminator: ImportedDiscriminator;
  /** The authors' SEL (conference version), or none: a plain StyleGAN2. */
  readonly encoder: { readonly kind: 'norm'; readonly preset: 'reference' } | null;
  readonly sampler: { readonly kind: 'hierarchical'; readonly preset: 'reference' | 'paper' };
  readonly renderer: { readonly preset: 'reference' | 'paper'; readonly size: 'image' | 'feature' };
}
