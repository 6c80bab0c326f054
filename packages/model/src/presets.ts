import { SpatialGANError } from '@spatialgan/core';
import { resolveDiscriminatorConfig } from '@spatialgan/stylegan2';
import type { ModelConfig, TrainingConfig } from './modelConfig.js';
import { type SizeName, sizeDefaults } from './sizes.js';

/** A whole run's configuration: networks and training. Plain JSON. */
export interface RunConfig {
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
}

/** The paper's ways of training, by name. */
export const presetNames = ['paper', 'reference', 'baseline'] as const;
export type PresetName = (typeof presetNames)[number];

/** Size of the networks; the defaults suit 32×32 to 64×64 on a CPU. */
export interface PresetOptions {
  readonly imgResolution: number;
  /** What decides all that is not given, the learning rate, γ and the average too. Default `small`. */
  readonly size?: SizeName;
  /** Default the size's; 16 for `small`. */
  readonly batch?: number;
  /** Size of z and w. Default the size's; 64 for `small`. */
  readonly latentDim?: number;
  /** Layers of the mapping network. Default the size's; 2 for `small` and `auto`. */
  readonly mappingLayers?: number;
  /** Channels at resolution r are min(channelBase / r, channelMax). Default the size's; 32 · imgResolution for `small`. */
  readonly channelBase?: number;
  /** Default the size's; 64 for `small`. */
  readonly channelMax?: number;
  /** Number of labels. Default 0. */
  readonly cDim?: number;
}

/** Blocks 8, 16, 32 of D, as far as the image goes: maps of 4×4, 8×8, 16×16 (§3.3). */
const alignmentTargets = (imgResolution: number): string[] =>
  [8, 16, 32].filter((r) => r <= imgResolution).map((r) => `b${r}`);

function assertPreset(preset: string, { imgResolution }: PresetOptions): void {
  if (!(presetNames as readonly string[]).includes(preset)) {
    throw new SpatialGANError('CONFIG', `presetConfig: expected a preset of ${presetNames.join(', ')}, got '${preset}'; rows of the paper's tables come from paperConfig`);
  }
  // The larger demand of the two networks; before the defaults, which are computed from it.
  resolveDiscriminatorConfig({ imgResolution });
}

/**
 * The configuration of a preset.
 *
 * `paper`: SEL_norm at 4, 8, 16 with coarse processing, hierarchical sampling, L_align (journal).
 * `reference`: what the authors' public code computes. `baseline`: StyleGAN2 without either.
 * All take the paper's switches: no path length regularization, no style mixing, no augmentation (§6).
 *
 * @throws SpatialGANError 'CONFIG' for a name that is none, or a resolution that no network has.
 */
export function presetConfig(preset: PresetName, options: PresetOptions): RunConfig {
  assertPreset(preset, options);
  const { imgResolution, size = 'small', cDim = 0 } = options;
  const defaults = sizeDefaults(size, imgResolution, options.batch);
  const { batch, latentDim, mappingLayers, channelBase, channelMax } = { ...defaults, ...options };
  const { mbstdGroupSize, discriminatorArchitecture: architecture } = defaults;
  const network = { imgResolution, cDim, channelBase, channelMax };
  const reading = preset === 'reference' ? 'reference' : 'paper';
  const model: ModelConfig = {
    name: `${preset}${imgResolution}`,
    generator: { ...network, zDim: latentDim, wDim: latentDim, mapping: { numLayers: mappingLayers } },
    discriminator: { ...network, mbstdGroupSize, ...(architecture === 'resnet' ? {} : { architecture }) },
    encoder: preset === 'baseline' ? null : { kind: 'norm', preset: reading },
    sampler: { kind: 'hierarchical', preset: reading },
    renderer: { preset: reading, size: preset === 'reference' ? 'image' : 'feature' },
  };
  const training: TrainingConfig = {
    batch,
    lrG: defaults.lr,
    lrD: defaults.lr,
    r1: { gamma: defaults.gamma, interval: 16 },
    pathLength: null,
    styleMixingProb: 0,
    ema: defaults.ema,
    noiseMode: 'random',
    alignment:
      preset === 'baseline'
        ? null
        : { reading, kind: 'level', weight: 1, tau: 0.25, targets: alignmentTargets(imgResolution) },
  };
  return { model, training };
}
