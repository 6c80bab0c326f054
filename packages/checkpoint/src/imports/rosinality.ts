import type { ParamData } from '@spatialgan/core';
import { refuseTorch } from '../torch/torchValues.js';
import { resolutionsUpTo, scheduleOf } from './channelSchedule.js';
import type { ImportedDiscriminator, ImportedGenerator } from './importedConfig.js';
import { resampleTaps } from './resampleTaps.js';

type Arrays = Readonly<Record<string, ParamData>>;

/** rosinality's layers of a modulated convolution → NVIDIA's. */
const layerLeaves: Readonly<Record<string, string>> = {
  'conv.weight': 'weight', 'conv.modulation.weight': 'affine.weight', 'conv.modulation.bias': 'affine.bias',
  'noise.weight': 'noise_strength', 'activate.bias': 'bias', bias: 'bias',
};
const blurs = /(^|\.)kernel$/;

function generatorName(name: string): string | undefined {
  const dense = /^style\.(\d+)\.(weight|bias)$/.exec(name);
  if (dense) return `mapping.fc${Number(dense[1]) - 1}.${dense[2]}`;
  if (name === 'input.input') return 'synthesis.b4.const';
  const noise = /^noises\.noise_(\d+)$/.exec(name);
  if (noise) {
    const i = Number(noise[1]);
    return `synthesis.b${4 << Math.ceil(i / 2)}.conv${i === 0 || i % 2 === 0 ? 1 : 0}.noise_const`;
  }
  const layer = /^(conv1|to_rgb1|convs\.\d+|to_rgbs\.\d+)\.(.+)$/.exec(name);
  const leaf = layer && Object.hasOwn(layerLeaves, layer[2]!) ? layerLeaves[layer[2]!] : undefined;
  if (!layer || leaf === undefined) return undefined;
  const [kind, index] = layer[1]!.split('.');
  const i = Number(index ?? 0);
  if (kind === 'conv1') return `synthesis.b4.conv1.${leaf}`;
  if (kind === 'to_rgb1') return `synthesis.b4.torgb.${leaf}`;
  return kind === 'convs' ? `synthesis.b${8 << (i >> 1)}.conv${i % 2}.${leaf}` : `synthesis.b${8 << i}.torgb.${leaf}`;
}

const blockLeaves: Readonly<Record<string, string>> = {
  'conv1.0.weight': 'conv0.weight', 'conv1.1.bias': 'conv0.bias', 'conv2.1.weight': 'conv1.weight', 'conv2.2.bias': 'conv1.bias', 'skip.1.weight': 'skip.weight',
};
const lastLeaves: Readonly<Record<string, string>> = {
  'final_conv.0.weight': 'b4.conv.weight', 'final_conv.1.bias': 'b4.conv.bias', 'final_linear.0.weight': 'b4.fc.weight',
  'final_linear.0.bias': 'b4.fc.bias', 'final_linear.1.weight': 'b4.out.weight', 'final_linear.1.bias': 'b4.out.bias',
};

const discriminatorName = (imgResolution: number) => (name: string): string | undefined => {
  if (Object.hasOwn(lastLeaves, name)) return lastLeaves[name];
  const rgb = /^convs\.0\.(?:0\.(weight)|1\.(bias))$/.exec(name);
  if (rgb) return `b${imgResolution}.fromrgb.${rgb[1] ?? rgb[2]}`;
  const block = /^convs\.([1-9]\d?)\.(.+)$/.exec(name);
  const leaf = block && Object.hasOwn(blockLeaves, block[2]!) ? blockLeaves[block[2]!] : undefined;
  return leaf && `b${imgResolution / 2 ** (Number(block![1]) - 1)}.${leaf}`;
};

/** Their leading 1 of modulated weights, constants and noises, and the [1] of scalars, are dropped. */
function ownShape(name: string, { shape, data }: ParamData): ParamData {
  if (name.endsWith('noise_strength') && data.length === 1) return { shape: [], data };
  const outer = name.endsWith('noise_const') || (name.endsWith('torgb.bias') && shape.length === 4) ? 2 : 1;
  const leading = name.endsWith('torgb.bias') ? [shape[1]!] : shape.slice(outer);
  const wider = shape.length === 5 || (shape.length === 4 && /(const|torgb\.bias)$/.test(name));
  return wider && shape[0] === 1 ? { shape: leading, data } : { shape, data };
}

function renamed(arrays: Arrays, rename: (name: string) => string | undefined): Record<string, ParamData> {
  const strange: string[] = [];
  const entries = Object.entries(arrays).filter(([name]) => !blurs.test(name)).flatMap(([name, value]) => {
    const ours = rename(name);
    if (ours === undefined) strange.push(name);
    return ours === undefined ? [] : [[ours, ownShape(ours, value)] as const];
  });
  if (strange.length > 0) refuseTorch(`expected rosinality's names, got ${strange.length} unknown: ${strange.slice(0, 8).join(', ').slice(0, 300)}`);
  return Object.fromEntries(entries);
}

function sideOf(arrays: Arrays, name: string, axis: number): number {
  return (Object.hasOwn(arrays, name) ? arrays[name]!.shape[axis] : undefined) ?? refuseTorch(`${name} is missing; the network is of another kind than recognised`);
}

/** Tells rosinality's generator. */
export const isRosinalityGenerator = (arrays: Arrays): boolean => Object.hasOwn(arrays, 'input.input') && Object.hasOwn(arrays, 'style.1.weight');

/** A network under NVIDIA's names with its configuration. */
export interface Renamed<Config> {
  readonly arrays: Readonly<Record<string, ParamData>>;
  readonly config: Config;
}

const isBlur = (name: string): boolean => blurs.test(name);
const common = { imgChannels: 3, cDim: 0, activation: 'lrelu', convClamp: null } as const;

/** rosinality's generator; all is read from the shapes. Weights are theirs, unscaled: both codes scale by 1/√fan-in when they run. */
export function rosinalityGenerator(given: Arrays): Renamed<ImportedGenerator> {
  const arrays = renamed(given, generatorName);
  const imgResolution = Math.max(...Object.keys(arrays).map((name) => Number(/^synthesis\.b(\d+)\.conv1\.weight$/.exec(name)?.[1] ?? 0)));
  const wDim = sideOf(arrays, 'mapping.fc0.weight', 0);
  const channels = resolutionsUpTo(imgResolution).map((r) => [r, sideOf(arrays, `synthesis.b${r}.conv1.weight`, 0)] as const);
  const numLayers = Object.keys(arrays).filter((name) => /^mapping\.fc\d+\.weight$/.test(name)).length;
  // Upsampling multiplies the filter's gain by 4; taps are taken up to scale.
  const resampleFilter = resampleTaps(given, isBlur);
  const config: ImportedGenerator = {
    ...common, imgResolution, zDim: sideOf(arrays, 'mapping.fc0.weight', 1), wDim, ...scheduleOf(new Map(channels)),
    architecture: 'skip', useNoise: true, resampleFilter, mapping: { numLayers, layerFeatures: wDim, activation: 'lrelu', lrMultiplier: 0.01 },
  };
  return { arrays, config };
}

/** rosinality's discriminator; all is read from the shapes. */
export function rosinalityDiscriminator(given: Arrays): Renamed<ImportedDiscriminator> {
  const blocks = Object.keys(given).filter((name) => /^convs\.\d+\.conv1\.0\.weight$/.test(name)).length;
  const imgResolution = 4 << blocks;
  const resolutions = resolutionsUpTo(imgResolution);
  const arrays = renamed(given, discriminatorName(imgResolution));
  const channels = resolutions.map((r) => [r, sideOf(arrays, r === 4 ? 'b4.conv.weight' : `b${r}.conv0.weight`, 0)] as const);
  const config: ImportedDiscriminator = {
    ...common, imgResolution, ...scheduleOf(new Map(channels)), architecture: 'resnet', resampleFilter: resampleTaps(given, isBlur),
    mbstdGroupSize: 4, mbstdNumChannels: 1,
  };
  return { arrays, config };
}
