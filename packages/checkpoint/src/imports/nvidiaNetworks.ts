import type { ParamData } from '@spatialgan/core';
import { refuseTorch } from '../torch/torchValues.js';
import { resolutionsUpTo, scheduleOf } from './channelSchedule.js';
import { factsAt, known, required } from './facts.js';
import type { ImportedActivation, ImportedArchitecture, ImportedDiscriminator, ImportedGenerator, ImportedMapping } from './importedConfig.js';
import type { NetworkState } from './networkState.js';
import { resampleTaps } from './resampleTaps.js';

const activations: readonly string[] = ['linear', 'relu', 'lrelu', 'tanh', 'sigmoid', 'elu', 'selu', 'softplus', 'swish'];
const architectures: readonly string[] = ['skip', 'resnet', 'orig'];

function activationOf(word: string | undefined): ImportedActivation {
  return word === undefined || activations.includes(word) ? ((word ?? 'lrelu') as ImportedActivation) : refuseTorch(`unknown activation '${word.slice(0, 40)}'`);
}

function architectureOf(word: string): ImportedArchitecture {
  return architectures.includes(word) ? (word as ImportedArchitecture) : refuseTorch(`unknown architecture '${word.slice(0, 40)}'`);
}

const isFilter = (name: string): boolean => /(^|\.)resample_filter$/.test(name);

/** A side of an array's shape. */
function sideOf(arrays: Readonly<Record<string, ParamData>>, name: string, axis: number): number {
  return required(Object.hasOwn(arrays, name) ? arrays[name]!.shape[axis] : undefined, name);
}

function mappingOf(state: NetworkState, path: string): ImportedMapping {
  const { arrays } = state;
  const own = factsAt(state, path);
  const numLayers = Object.keys(arrays).filter((name) => new RegExp(`^${path}\\.fc\\d+\\.weight$`).test(name)).length;
  const first = factsAt(state, `${path}.fc0`);
  return {
    numLayers,
    ...(Object.hasOwn(arrays, `${path}.embed.weight`) && { embedFeatures: sideOf(arrays, `${path}.embed.weight`, 0) }),
    ...(numLayers > 1 && { layerFeatures: sideOf(arrays, `${path}.fc0.weight`, 0) }),
    activation: activationOf(first.word('activation')),
    lrMultiplier: first.number('bias_gain') ?? 0.01,
    ...(Object.hasOwn(arrays, `${path}.w_avg`) && known({ wAvgBeta: own.numberOrNull('w_avg_beta') })),
  };
}

/** The bound of all convolutions, which must agree. */
function clampOf(state: NetworkState, isLayer: (path: string) => boolean): number | null {
  const bounds = [...state.modules.keys()].filter(isLayer).map((path) => factsAt(state, path).numberOrNull('conv_clamp') ?? null);
  if (new Set(bounds).size > 1) refuseTorch(`the layers have different conv_clamp: ${[...new Set(bounds)].join(', ')}`);
  return bounds[0] ?? null;
}

/** Reads a generator's configuration from what its modules say and from its shapes. */
export function generatorConfig(state: NetworkState): ImportedGenerator {
  const { arrays } = state;
  const own = factsAt(state, '');
  const imgResolution = required(own.number('img_resolution'), 'img_resolution');
  const channels = resolutionsUpTo(imgResolution).map((r) => [r, sideOf(arrays, `synthesis.b${r}.conv1.weight`, 0)] as const);
  const conv = factsAt(state, 'synthesis.b4.conv1');
  return {
    imgResolution,
    imgChannels: sideOf(arrays, `synthesis.b${imgResolution}.torgb.weight`, 0),
    cDim: own.number('c_dim') ?? 0,
    zDim: required(own.number('z_dim'), 'z_dim'),
    wDim: required(own.number('w_dim'), 'w_dim'),
    ...scheduleOf(new Map(channels), known({ channelBase: own.number('channel_base'), channelMax: own.number('channel_max') })),
    architecture: architectureOf(factsAt(state, 'synthesis.b4').word('architecture') ?? own.word('architecture') ?? 'skip'),
    activation: activationOf(conv.word('activation')),
    useNoise: conv.flag('use_noise') ?? true,
    resampleFilter: resampleTaps(arrays, isFilter),
    convClamp: clampOf(state, (path) => /^synthesis\.b\d+\.(conv0|conv1|torgb|skip)$/.test(path)),
    mapping: mappingOf(state, 'mapping'),
  };
}

/** Reads a discriminator's configuration from what its modules say and from its shapes. */
export function discriminatorConfig(state: NetworkState): ImportedDiscriminator {
  const { arrays } = state;
  const own = factsAt(state, '');
  const imgResolution = required(own.number('img_resolution'), 'img_resolution');
  const resolutions = resolutionsUpTo(imgResolution);
  const channels = resolutions.map((r) => [r, r === 4 ? sideOf(arrays, 'b4.conv.weight', 0) : sideOf(arrays, `b${r}.conv0.weight`, 0)] as const);
  const first = `b${imgResolution}`;
  const cDim = own.number('c_dim') ?? 0;
  const mbstd = factsAt(state, 'b4.mbstd');
  const mbstdNumChannels = sideOf(arrays, 'b4.conv.weight', 1) - sideOf(arrays, 'b4.conv.weight', 0);
  return {
    imgResolution,
    imgChannels: sideOf(arrays, `${first}.fromrgb.weight`, 1),
    cDim,
    ...scheduleOf(new Map(channels), known({ channelBase: own.number('channel_base'), channelMax: own.number('channel_max') })),
    architecture: architectureOf(factsAt(state, first).word('architecture') ?? own.word('architecture') ?? 'resnet'),
    activation: activationOf(factsAt(state, `${first}.conv0`).word('activation')),
    resampleFilter: resampleTaps(arrays, isFilter),
    convClamp: clampOf(state, (path) => /^b\d+\.(conv0|conv1|conv|skip|fromrgb)$/.test(path)),
    ...(cDim > 0 && { cmapDim: sideOf(arrays, 'b4.out.weight', 0), mapping: mappingOf(state, 'mapping') }),
    mbstdGroupSize: mbstd.numberOrNull('group_size') ?? (mbstdNumChannels > 0 && !state.modules.has('b4.mbstd') ? 4 : null),
    mbstdNumChannels,
  };
}
