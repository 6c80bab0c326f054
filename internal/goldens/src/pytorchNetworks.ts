import { abs, gather, mul, reshape, sqrt, stack, sum, type Tensor, tensor1d, transpose } from '@tensorflow/tfjs-core';
import { fromPyTorch, pyTorchEntry } from '@spatialgan/checkpoint';
import type { DiscriminatorModel, GeneratorModel, HeatmapPyramid, ParamTree } from '@spatialgan/core';
import { tensorsOf, unflattenParams } from '@spatialgan/core';
import { selNorm } from '@spatialgan/sel';
import {
  type Architecture, type DiscriminatorConfig, type DiscriminatorParams, type GeneratorConfig, type GeneratorParams,
  type MappingConfig, styleGan2Discriminator, styleGan2Generator,
} from '@spatialgan/stylegan2';
import type { StoredArray } from './goldenCase.js';
import { toNhwc } from './pytorchLayout.js';

type Stored = Readonly<Record<string, StoredArray>>;
type Kwargs = Readonly<Record<string, any>>; // constructor arguments of PyTorch classes

/** Reads constructor arguments under our names; an argument that no rule names is an error, not a silent default. */
export function readKwargs(where: string, kwargs: Kwargs, names: Readonly<Record<string, string | null>>): Record<string, any> {
  return Object.fromEntries(
    Object.entries(kwargs).flatMap(([key, value]) => {
      if (!Object.hasOwn(names, key)) throw new Error(`${where}: argument '${key}' is not understood`);
      const ours = names[key];
      return ours === null || ours === undefined ? [] : [[ours, value]];
    }),
  );
}

/** Arguments that only choose how float16 or a fused kernel computes the same. */
const HALF = { num_fp16_res: null, use_fp16: null, fp16_channels_last: null, fused_modconv_default: null } as const;
const LAYER_NAMES = {
  architecture: 'architecture', resample_filter: 'resampleFilter', conv_clamp: 'convClamp', activation: 'activation', ...HALF,
} as const;
const CHANNEL_NAMES = { channel_base: 'channelBase', channel_max: 'channelMax' } as const;

/** mapping_kwargs → our mapping's options. */
export function mappingConfigOf(kwargs: Kwargs = {}): MappingConfig {
  return readKwargs('mapping', kwargs, {
    num_layers: 'numLayers', embed_features: 'embedFeatures', layer_features: 'layerFeatures', activation: 'activation',
    lr_multiplier: 'lrMultiplier', w_avg_beta: 'wAvgBeta',
  });
}

/** The arguments of a discriminator block's resampling and convolutions. */
export function blockOptionsOf(kwargs: Kwargs): {
  readonly architecture?: Architecture; readonly resampleFilter?: readonly number[]; readonly convClamp?: number | null;
} & Pick<DiscriminatorConfig, 'activation'> {
  return readKwargs('block', kwargs, LAYER_NAMES);
}

/** Weights under PyTorch's names → a tree under ours. */
export const paramsOf = <P extends ParamTree>(weights: Stored): P => unflattenParams(tensorsOf(fromPyTorch(weights))) as P;

/** A network of the reference code with its weights. */
export interface Loaded<Model, P> {
  readonly model: Model;
  readonly params: P;
}

const isEncoderWeight = (name: string): boolean => /(^|\.)sel\.|(^|\.)hm_conv/.test(name);

/** The reference code's three levels, by the feature resolution each feeds. */
const REFERENCE_LEVELS = { b8: 4, b16: 8, b32: 16 } as const;

/** `in.hm_b8` … → a pyramid keyed as ours. */
export function pyramidOf(inputs: Readonly<Record<string, Tensor>>): HeatmapPyramid {
  const levels = Object.entries(REFERENCE_LEVELS).flatMap(([key, resolution]) => {
    const heatmap = inputs[`hm_${key}`];
    return heatmap ? [[resolution, toNhwc(heatmap)] as const] : [];
  });
  return new Map(levels);
}

/**
 * A generator from its constructor arguments: `net` 'eqgan' with use_sel has the reference encoder,
 * 'nvidia' none; encoder weights without use are dropped.
 */
export function generatorOf(args: { readonly net?: string; readonly ctor: Kwargs }, weights: Stored): Loaded<GeneratorModel<GeneratorParams>, GeneratorParams> {
  const { mapping_kwargs, synthesis_kwargs = {}, use_sel, ...rest } = args.ctor;
  const base = readKwargs('generator', rest, {
    z_dim: 'zDim', c_dim: 'cDim', w_dim: 'wDim', img_resolution: 'imgResolution', img_channels: 'imgChannels',
  });
  const synthesis = readKwargs('synthesis', synthesis_kwargs as Kwargs, { ...CHANNEL_NAMES, ...LAYER_NAMES, use_noise: 'useNoise' });
  const encodes = args.net !== 'nvidia' && use_sel === true;
  const levelChannels = (key: string): number => weights[`synthesis.hm_conv0_${key}.weight`]!.shape[1]!;
  const encoder = encodes && {
    encoder: selNorm({ preset: 'reference' }),
    heatmapChannels: Object.fromEntries(Object.entries(REFERENCE_LEVELS).map(([key, r]) => [r, levelChannels(key)])),
  };
  const config = { ...base, ...synthesis, mapping: mappingConfigOf(mapping_kwargs as Kwargs), ...encoder } as GeneratorConfig;
  const used = Object.entries(weights).filter(([name]) => encodes || !isEncoderWeight(name));
  return { model: styleGan2Generator(config), params: paramsOf<GeneratorParams>(Object.fromEntries(used)) };
}

/** A discriminator from its constructor arguments. */
export function discriminatorOf(args: { readonly ctor: Kwargs }, weights: Stored): Loaded<DiscriminatorModel<DiscriminatorParams>, DiscriminatorParams> {
  const { mapping_kwargs, block_kwargs = {}, epilogue_kwargs = {}, ...rest } = args.ctor;
  const base = readKwargs('discriminator', rest, {
    c_dim: 'cDim', img_resolution: 'imgResolution', img_channels: 'imgChannels', cmap_dim: 'cmapDim', ...CHANNEL_NAMES, ...LAYER_NAMES,
  });
  const block = readKwargs('discriminator block', block_kwargs as Kwargs, LAYER_NAMES);
  const epilogue = readKwargs('discriminator epilogue', epilogue_kwargs as Kwargs, {
    mbstd_group_size: 'mbstdGroupSize', mbstd_num_channels: 'mbstdNumChannels',
  });
  if (base['cmapDim'] === null) delete base['cmapDim'];
  const config = { ...base, ...block, ...epilogue, mapping: mappingConfigOf(mapping_kwargs as Kwargs) } as DiscriminatorConfig;
  return { model: styleGan2Discriminator(config), params: paramsOf<DiscriminatorParams>(weights) };
}

const SAMPLES = 192;

/** 192 entries, evenly spaced, of a gradient that is too large to store. */
function gradSample(gradient: Tensor): Tensor {
  const indices = Array.from({ length: SAMPLES }, (_, i) => Math.floor((i * gradient.size) / SAMPLES));
  return gather(reshape(gradient, [gradient.size]), tensor1d(indices, 'int32'));
}

/** [sum, sum|g|, l2, Σ g_i cos(0.37 (i+1))]. */
function gradStats(gradient: Tensor): Tensor {
  const g = reshape(gradient, [gradient.size]);
  const waves = tensor1d(Float32Array.from({ length: gradient.size }, (_, i) => Math.cos(0.37 * (i + 1))));
  return stack([sum(g), sum(abs(g)), sqrt(sum(mul(g, g))), sum(mul(g, waves))]);
}

/** One of our arrays, by path, in PyTorch's layout. */
export function toPyTorchLayout(path: string, value: Tensor): { readonly name: string; readonly value: Tensor } {
  const { name, view, perm, shape } = pyTorchEntry(path, value.shape);
  return { name, value: reshape(transpose(reshape(value, [...view]), [...perm]), [...shape]) };
}

/**
 * `grad.*`, `grad_sample.*` and `grad_stats.*` of the outputs a case asks for.
 *
 * @param gradients by our paths.
 * @param outputs names of the wanted outputs; others are ignored.
 */
export function gradientOutputs(gradients: ReadonlyMap<string, Tensor>, outputs: readonly string[]): Record<string, Tensor> {
  const named = new Map([...gradients].map(([path, g]) => {
    const { name, value } = toPyTorchLayout(path, g);
    return [name, value];
  }));
  const kinds = { 'grad.': (g: Tensor) => g, 'grad_sample.': gradSample, 'grad_stats.': gradStats };
  return Object.fromEntries(
    outputs.flatMap((output) => {
      const kind = Object.entries(kinds).find(([prefix]) => output.startsWith(prefix));
      const gradient = kind && named.get(output.slice(kind[0].length));
      return gradient ? [[output, kind![1](gradient)]] : [];
    }),
  );
}
