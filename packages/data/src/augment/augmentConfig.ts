import { SpatialGANError } from '@spatialgan/core';

/** The transforms of ADA's pipeline, in the order they run (Karras et al. 2020, appendix B). */
export const TRANSFORMS = [
  'xflip', 'rotate90', 'xint', 'scale', 'rotate', 'aniso', 'xfrac',
  'brightness', 'contrast', 'lumaflip', 'hue', 'saturation',
  'imgfilter', 'noise', 'cutout',
] as const;

export type TransformName = (typeof TRANSFORMS)[number];

/** How far the transforms reach; the defaults are the paper's. */
export interface AugmentStrengths {
  /** Whole-pixel shift, at most this share of the side. Default 0.125. */
  readonly xintMax: number;
  /** Standard deviation of log2 of the isotropic scale. Default 0.2. */
  readonly scaleStd: number;
  /** Largest rotation, in half turns. Default 1. */
  readonly rotateMax: number;
  /** Standard deviation of log2 of the anisotropic scale. Default 0.2. */
  readonly anisoStd: number;
  /** Standard deviation of the fractional shift, as a share of the side. Default 0.125. */
  readonly xfracStd: number;
  /** Standard deviation of what is added to every channel; images span [-1, 1]. Default 0.2. */
  readonly brightnessStd: number;
  /** Standard deviation of log2 of the contrast factor. Default 0.5. */
  readonly contrastStd: number;
  /** Largest hue rotation, in half turns. Default 1. */
  readonly hueMax: number;
  /** Standard deviation of log2 of the saturation factor. Default 1. */
  readonly saturationStd: number;
  /** Multiplies the rate of each of the four frequency bands, lowest first. Default all 1. */
  readonly imgfilterBands: readonly [number, number, number, number];
  /** Standard deviation of log2 of a band's gain. Default 1. */
  readonly imgfilterStd: number;
  /** Standard deviation of the strength of the added noise. Default 0.1. */
  readonly noiseStd: number;
  /** Side of the erased square, as a share of the image's. Default 0.5. */
  readonly cutoutSize: number;
}

export const DEFAULT_STRENGTHS: AugmentStrengths = {
  xintMax: 0.125, scaleStd: 0.2, rotateMax: 1, anisoStd: 0.2, xfracStd: 0.125,
  brightnessStd: 0.2, contrastStd: 0.5, hueMax: 1, saturationStd: 1,
  imgfilterBands: [1, 1, 1, 1], imgfilterStd: 1, noiseStd: 0.1, cutoutSize: 0.5,
};

/** Which transforms run: each happens with probability rate · p; a transform that is left out (or 0) never does. */
export type AugmentRates = Readonly<Partial<Record<TransformName, number>>>;

const on = (...names: readonly TransformName[]): AugmentRates => Object.fromEntries(names.map((name) => [name, 1]));
const blit = on('xflip', 'rotate90', 'xint');
const geometric = on('scale', 'rotate', 'aniso', 'xfrac');
const color = on('brightness', 'contrast', 'lumaflip', 'hue', 'saturation');
const [filter, noise, cutout] = [on('imgfilter'), on('noise'), on('cutout')];

/** The pipelines by StyleGAN2-ADA's names. */
export const augmentPresets = {
  blit, geom: geometric, color, filter, noise, cutout,
  bg: { ...blit, ...geometric },
  bgc: { ...blit, ...geometric, ...color },
  bgcf: { ...blit, ...geometric, ...color, ...filter },
  bgcfn: { ...blit, ...geometric, ...color, ...filter, ...noise },
  bgcfnc: { ...blit, ...geometric, ...color, ...filter, ...noise, ...cutout },
} as const satisfies Readonly<Record<string, AugmentRates>>;

export type AugmentPreset = keyof typeof augmentPresets;

/** The rates of a preset's name, or the given ones. @throws SpatialGANError 'CONFIG' on an unknown name or a rate below 0. */
export function augmentRates(pipe: AugmentPreset | AugmentRates): AugmentRates {
  const rates: AugmentRates | undefined = typeof pipe === 'string' ? augmentPresets[pipe] : pipe;
  if (!rates) {
    throw new SpatialGANError('CONFIG', `augment: expected one of ${Object.keys(augmentPresets).join(', ')}, got '${String(pipe)}'`);
  }
  for (const [name, rate] of Object.entries(rates)) {
    if (!TRANSFORMS.includes(name as TransformName)) {
      throw new SpatialGANError('CONFIG', `augment: expected transforms of ${TRANSFORMS.join(', ')}, got '${name}'`);
    }
    if (!(rate >= 0)) throw new SpatialGANError('CONFIG', `augment: expected a rate of at least 0 for ${name}, got ${rate}`);
  }
  return rates;
}
