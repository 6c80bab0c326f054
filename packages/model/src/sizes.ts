import { SpatialGANError } from '@spatialgan/core';
import { auto, cifar, paper1024, paper256, paper512, type Preset, stylegan2 } from '@spatialgan/stylegan2';

/** Sizes of networks with the hyperparameters that go with them: `small` is ours, the others are StyleGAN2-ADA's `--cfg`. */
export const sizeNames = ['small', 'auto', 'stylegan2', 'paper256', 'paper512', 'paper1024', 'cifar'] as const;
export type SizeName = (typeof sizeNames)[number];

/** Side of the images that a size is for; the others take any. */
const resolutionOf: Readonly<Partial<Record<SizeName, number>>> = { paper256: 256, paper512: 512, paper1024: 1024, cifar: 32 };

/** Side of the images where none is given. */
export function defaultResolution(size: SizeName): number {
  return resolutionOf[size] ?? (size === 'stylegan2' ? 1024 : 32);
}

/** What a size takes where nothing else is given. */
export interface SizeDefaults {
  readonly batch: number;
  readonly latentDim: number;
  readonly mappingLayers: number;
  readonly channelBase: number;
  readonly channelMax: number;
  /** Samples per group of D's minibatch deviation. */
  readonly mbstdGroupSize: number;
  readonly discriminatorArchitecture: 'resnet' | 'orig';
  readonly lr: number;
  readonly gamma: number;
  readonly ema: { readonly kimg: number; readonly rampup: number | null };
  /** Thousands of images of a whole training. */
  readonly kimg: number;
}

/** For 32×32 to 64×64 on a CPU: z = w = 64, at most 64 channels; the rest by StyleGAN2-ADA's `auto`. */
const small = (imgResolution: number, batch: number): SizeDefaults => ({
  ...fromRecipe(auto(imgResolution, batch)), latentDim: 64, channelBase: 32 * imgResolution, channelMax: 64, kimg: 100,
});

function fromRecipe({ generator, discriminator, training }: Preset): SizeDefaults {
  return {
    batch: training.batch,
    latentDim: 512,
    mappingLayers: generator.mapping!.numLayers!,
    channelBase: generator.channelBase!,
    channelMax: 512,
    mbstdGroupSize: discriminator.mbstdGroupSize!,
    discriminatorArchitecture: (discriminator.architecture ?? 'resnet') as 'resnet' | 'orig',
    lr: training.learningRate,
    gamma: training.r1Gamma,
    ema: { kimg: training.emaKimg, rampup: training.emaRampup },
    kimg: training.kimg,
  };
}

function recipe(size: SizeName, imgResolution: number, batch: number | undefined): SizeDefaults {
  switch (size) {
    case 'small':
      return small(imgResolution, batch ?? 16);
    case 'auto':
      // StyleGAN2-ADA's batch of one device.
      return fromRecipe(auto(imgResolution, batch ?? Math.max(1, Math.min(Math.floor(4096 / imgResolution), 32))));
    case 'stylegan2':
      return fromRecipe(stylegan2(imgResolution));
    case 'paper256':
      return fromRecipe(paper256());
    case 'paper512':
      return fromRecipe(paper512());
    case 'paper1024':
      return fromRecipe(paper1024());
    case 'cifar':
      return fromRecipe(cifar());
    default:
      throw new SpatialGANError('CONFIG', `size: expected one of ${sizeNames.join(', ')}, got '${String(size)}'`);
  }
}

/**
 * The defaults of a size for images of this resolution.
 *
 * @param batch images per step, which `small` and `auto` derive γ and the average's half-life from; default the size's own.
 * @throws SpatialGANError 'CONFIG' on an unknown name, or when a size is for images of another resolution.
 */
export function sizeDefaults(size: SizeName, imgResolution: number, batch?: number): SizeDefaults {
  const wanted = resolutionOf[size];
  if (wanted !== undefined && wanted !== imgResolution) {
    throw new SpatialGANError('CONFIG', `size ${size}: expected images of ${wanted}x${wanted}, got ${imgResolution}x${imgResolution}; leave the resolution out, or take size auto`);
  }
  const defaults = recipe(size, imgResolution, batch);
  if (batch === undefined || batch === defaults.batch) return defaults;
  return { ...defaults, batch, mbstdGroupSize: Math.min(batch, defaults.mbstdGroupSize) };
}
