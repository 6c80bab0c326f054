import type { ParamData } from '@spatialgan/core';
import { fromPyTorch } from '../pytorchNames.js';
import type { PickleLimits } from '../pickle/pickleBudget.js';
import { isKind } from '../pickle/pickleValues.js';
import { readTorch, type TorchFormat } from '../torch/readTorch.js';
import { type ElementBudget, type PersistentObject, refuseTorch, type TorchTensor } from '../torch/torchValues.js';
import type { ZipLimits } from '../torch/torchZip.js';
import { estimateWAvg, wAvgSamples } from './estimateWAvg.js';
import { discriminatorShapes, generatorShapes, pickExpected } from './expectedShapes.js';
import type { ImportedConfig, ImportedDiscriminator, ImportedGenerator } from './importedConfig.js';
import { arraysOf, networkState } from './networkState.js';
import { discriminatorConfig, generatorConfig } from './nvidiaNetworks.js';
import { isRosinalityGenerator, type Renamed, rosinalityDiscriminator, rosinalityGenerator } from './rosinality.js';

/** Whose code wrote the file. */
export type ImportedFamily = 'stylegan2-ada-pytorch' | 'stylegan3 (stylegan2 config)' | 'eqgan-sa' | 'rosinality';

/** A model out of a file of PyTorch; `writeModel` of `@spatialgan/model` takes it as it is. */
export interface ImportedModel {
  readonly config: ImportedConfig;
  /** The averaged generator where there is one, by our paths. */
  readonly G: ReadonlyMap<string, ParamData>;
  readonly D?: ReadonlyMap<string, ParamData>;
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly recognised: {
    readonly family: ImportedFamily;
    readonly format: TorchFormat;
    /** All networks of the file, by its names for them. */
    readonly networks: readonly string[];
    /** Which of them became G. */
    readonly generator: string;
    /** What a person should know: what was left out, assumed or estimated. */
    readonly notes: readonly string[];
  };
  /** Parameters and buffers of G and D as the file has them, by PyTorch's names. */
  readonly arrays: { readonly G: Readonly<Record<string, ParamData>>; readonly D?: Readonly<Record<string, ParamData>> };
}

/** Options of {@link importModel}. */
export interface ImportOptions extends PickleLimits, ZipLimits {
  /** The file's name of the generator to take, e.g. 'G'. Default: the averaged one where there is one. */
  readonly generator?: string;
}

interface Found {
  readonly family: ImportedFamily;
  readonly networks: readonly string[];
  readonly generator: string;
  readonly notes: readonly string[];
  readonly steered: boolean;
  readonly G: Renamed<ImportedGenerator>;
  readonly D?: Renamed<ImportedDiscriminator>;
}

type Entries = ReadonlyMap<unknown, unknown>;

const isPersistent = (value: unknown): value is PersistentObject => isKind<PersistentObject>(value, 'persistent');

/** The name of the generator to take: the wanted one, else the averaged one, else the one in training. */
function chooseGenerator(networks: readonly string[], names: readonly string[], wanted: string | undefined): string {
  const found = (wanted === undefined ? names : names.filter((name) => name === wanted)).find((name) => networks.includes(name));
  return found ?? refuseTorch(`expected a generator named ${wanted ?? names.join(' or ')}, the file has ${networks.join(', ') || 'none'}`);
}

function nvidia(file: Entries, budget: ElementBudget, wanted?: string): Found {
  const networks = ['G', 'D', 'G_ema'].filter((name) => isPersistent(file.get(name)));
  const generator = chooseGenerator(networks, ['G_ema', 'G'], wanted);
  const network = file.get(generator) as PersistentObject;
  const G = networkState(network, budget);
  if (!G.modules.has('synthesis.b4')) refuseTorch(`${generator} is no StyleGAN2 (${network.className.slice(0, 60)} without block b4); of stylegan3 only the stylegan2 configs are supported`);
  const eqgan = Object.keys(G.arrays).some((name) => name.startsWith('synthesis.hm_conv'));
  const asked: unknown = network.initKwargs.get('use_sel');
  const hasSel = Object.keys(G.arrays).some((name) => name.includes('.sel.'));
  const steered = eqgan && hasSel && asked !== false;
  const D = networks.includes('D') ? networkState(file.get('D'), budget) : undefined;
  const family = eqgan ? 'eqgan-sa' : network.initKwargs.has('synthesis_kwargs') ? 'stylegan2-ada-pytorch' : 'stylegan3 (stylegan2 config)';
  return {
    family, networks, generator, steered,
    notes: [
      ...(generator === 'G' && wanted === undefined ? ['the file has no averaged generator; G is the one in training'] : []),
      ...(eqgan && !steered ? ['its heatmaps are not used (use_sel is False): their layers are left out'] : []),
      ...(file.get('augment_pipe') ? ['the augmentation pipe is left out: it holds settings, no network'] : []),
    ],
    G: { arrays: G.arrays, config: generatorConfig(G) },
    ...(D && { D: { arrays: D.arrays, config: discriminatorConfig(D) } }),
  };
}

/** A state_dict without the prefix of DataParallel. */
function stateDict(value: unknown): Map<unknown, unknown> {
  const entries = value instanceof Map ? (value as Map<unknown, unknown>) : new Map<unknown, unknown>();
  const wrapped = [...entries.keys()].every((name) => typeof name === 'string' && name.startsWith('module.'));
  return wrapped ? new Map([...entries].map(([name, tensor]) => [(name as string).slice(7), tensor])) : entries;
}

function rosinality(file: Entries, budget: ElementBudget, wanted?: string): Found {
  const bare = isKind<TorchTensor>(file.get('input.input'), 'tensor');
  const networks = bare ? ['state_dict'] : ['g', 'd', 'g_ema'].filter((name) => file.get(name) instanceof Map);
  const generator = chooseGenerator(networks, ['g_ema', 'g', 'state_dict'], wanted);
  const G = rosinalityGenerator(arraysOf(stateDict(bare ? file : file.get(generator)), '', budget));
  const D = bare || !(file.get('d') instanceof Map) ? undefined : rosinalityDiscriminator(arraysOf(stateDict(file.get('d')), '', budget));
  const latentAvg: unknown = file.get('latent_avg');
  const stored = isKind<TorchTensor>(latentAvg, 'tensor') ? arraysOf(new Map([['w_avg', latentAvg]]), 'mapping.', budget) : undefined;
  const { wDim, mapping } = G.config;
  // Checked before it is computed with.
  pickExpected(G.arrays, generatorShapes({ ...G.config, mapping: { ...mapping, wAvgBeta: null } }, false), 'G');
  const wAvg = stored?.['mapping.w_avg'] ?? estimateWAvg(G.arrays, mapping.numLayers ?? 8);
  return {
    family: 'rosinality', networks, generator, steered: false,
    notes: [
      ...(generator === 'g_ema' || wanted !== undefined ? [] : ['the file has no g_ema; G is the one in training, or whatever was saved']),
      ...(stored ? [] : [`the file keeps no mean of w: it was estimated from ${wAvgSamples} latents`]),
    ],
    G: { config: G.config, arrays: { ...G.arrays, 'mapping.w_avg': { shape: [wDim], data: wAvg.data } } },
    ...(D && { D }),
  };
}

function recognise(value: unknown, budget: ElementBudget, wanted?: string): Found {
  if (!(value instanceof Map)) return refuseTorch('expected a dict of networks; it holds something else');
  const file = value as Entries;
  if ([...file.values()].some(isPersistent)) return nvidia(file, budget, wanted);
  const candidates = [file, file.get('g_ema'), file.get('g')].filter((each) => each instanceof Map);
  const isTheirs = candidates.some((each) => isRosinalityGenerator(Object.fromEntries([...stateDict(each).keys()].map((name) => [String(name), { shape: [], data: new Float32Array(0) }]))));
  if (isTheirs) return rosinality(file, budget, wanted);
  const keys = [...file.keys()].slice(0, 6).map((key) => String(key).slice(0, 40)).join(', ');
  return refuseTorch(`expected the networks of stylegan2-ada-pytorch, stylegan3's stylegan2 configs, eqgan-sa or rosinality, got a dict of ${keys || 'nothing'}`);
}

/** What D is when the file has none: of G's size, so that the configuration is whole. */
function discriminatorLike({ imgResolution, imgChannels, cDim, channelBase, channelMax, resampleFilter, activation, convClamp }: ImportedGenerator): ImportedDiscriminator {
  return { imgResolution, imgChannels, cDim, channelBase, channelMax, architecture: 'resnet', activation, resampleFilter, convClamp, mbstdGroupSize: 4, mbstdNumChannels: 1 };
}

/**
 * Reads a pickle of stylegan2-ada-pytorch, of stylegan3's stylegan2 configs or of eqgan-sa, or a state_dict of rosinality's StyleGAN2,
 * as a model of ours; executes nothing of the file.
 *
 * @throws SpatialGANError 'CHECKPOINT' saying what is wrong with the file, or what it is instead.
 */
export function importModel(bytes: Uint8Array, { generator: wanted, ...limits }: ImportOptions = {}): ImportedModel {
  const { format, value } = readTorch(bytes, limits);
  // An element takes a byte or more of the file, unless a zip packs it.
  const found = recognise(value, { left: (format === 'torch zip' ? 4 : 1) * bytes.length + 2 ** 20 }, wanted);
  const { family, networks, generator, notes, steered, G, D } = found;
  const preset = steered ? 'reference' : 'paper';
  const config: ImportedConfig = {
    name: `${steered ? 'reference' : 'baseline'}${G.config.imgResolution}`,
    generator: G.config,
    discriminator: D?.config ?? discriminatorLike(G.config),
    encoder: steered ? { kind: 'norm', preset: 'reference' } : null,
    sampler: { kind: 'hierarchical', preset },
    renderer: { preset, size: steered ? 'image' : 'feature' },
  };
  return {
    config,
    G: fromPyTorch(pickExpected(G.arrays, generatorShapes(G.config, steered), 'G')),
    ...(D && { D: fromPyTorch(pickExpected(D.arrays, discriminatorShapes(D.config), 'D')) }),
    provenance: { importedFrom: family, network: generator, ...(notes.length > 0 && { notes }) },
    recognised: { family, format, networks, generator, notes },
    arrays: { G: G.arrays, ...(D && { D: D.arrays }) },
  };
}
