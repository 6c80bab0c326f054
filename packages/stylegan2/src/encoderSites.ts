import type { Tensor4D } from '@tensorflow/tfjs-core';
import {
  assertShape, type EncoderSetting, type EncoderSite, type HeatmapPyramid, type ParamTree, type Rng, type SpatialEncoder,
  SpatialGANError,
} from '@spatialgan/core';
import type { ResolvedGeneratorConfig } from './generatorConfig.js';
import type { LayerEncoding } from './layerStyles.js';
import type { SynthesisBlockParams } from './synthesisBlock.js';
import type { BlockPlan } from './synthesisPlan.js';

/** What an encoder is told of the generator it sits in. */
export const encoderSetting = ({ imgResolution, zDim, heatmapChannels }: ResolvedGeneratorConfig): EncoderSetting => ({
  imgResolution,
  zDim,
  heatmapChannels,
});

/** An encoder's parameters before they are put in their places. */
export interface EncoderParams {
  readonly shared: ParamTree | undefined;
  /** By site path, e.g. 'b16.conv1'. */
  readonly sites: ReadonlyMap<string, ParamTree>;
}

/** Draws the parameters of a generator's encoder, if it has one. The caller owns them. */
export function initEncoder(
  rng: Rng,
  { config, plan }: { readonly config: ResolvedGeneratorConfig; readonly plan: readonly BlockPlan[] },
): EncoderParams {
  const { encoder } = config;
  if (!encoder) return { shared: undefined, sites: new Map() };
  const sites = plan.flatMap((block) => block.sites).filter((site) => encoder.appliesTo(site));
  return {
    shared: encoder.initShared?.(rng.split('encoder'), encoderSetting(config)),
    sites: new Map(sites.map((site) => [site.path, encoder.init(rng.split(`${site.path}.sel`), site)])),
  };
}

/** The encoder of one synthesis pass. */
export interface BoundEncoder {
  /** Whether it reads codes of the regions. */
  readonly regionStyles: boolean;
  at(block: BlockPlan, layer: EncoderSite['layer']): LayerEncoding | undefined;
}

const fedTo = (heatmaps: ReadonlyMap<number, unknown>): string => [...heatmaps.keys()].join(', ') || 'none';

function heatmapAt(site: EncoderSite, heatmaps: HeatmapPyramid, options: { readonly name: string; readonly batch: number }): Tensor4D {
  const heatmap = heatmaps.get(site.resolution);
  if (!heatmap) {
    throw new SpatialGANError(
      'CONFIG',
      `synthesize: encoder '${options.name}' needs a heatmap for ${site.path} (resolution ${site.resolution}), ` +
        `got maps for: ${fedTo(heatmaps)}; feed one, or let the encoder not apply there`,
    );
  }
  assertShape(`synthesize: heatmap of ${site.path}`, heatmap.shape, [options.batch, null, null, null], 'one layout per sample');
  return heatmap;
}

function encodingOf(encoder: SpatialEncoder, params: ParamTree, site: EncoderSite, heatmap: Tensor4D): LayerEncoding {
  return {
    ...(encoder.encodeFeatures && { features: (x) => encoder.encodeFeatures!(params, x, heatmap, site) }),
    ...(encoder.encodeStyles && { styles: (styles, size) => encoder.encodeStyles!(params, styles, heatmap, site, size) }),
  };
}

/**
 * Binds the generator's encoder to the parameters and heatmaps of one pass; undefined when it has
 * none that works on features or styles. Runs `prepare`, once.
 */
export function bindEncoder(
  params: { readonly encoder?: ParamTree; readonly [block: `b${number}`]: SynthesisBlockParams },
  heatmaps: HeatmapPyramid,
  { config, batch }: { readonly config: ResolvedGeneratorConfig; readonly batch: number },
): BoundEncoder | undefined {
  const { encoder } = config;
  if (!encoder?.encodeFeatures && !encoder?.encodeStyles) return undefined;
  checkHeatmaps(heatmaps, config);
  // A branch without leaves does not survive a checkpoint, so absent stands for empty.
  const prepared = encoder.prepare?.(params.encoder ?? {}, heatmaps, encoderSetting(config)) ?? heatmaps;
  return {
    regionStyles: encoder.encodeStyles !== undefined,
    at(block, layer) {
      const site = block.sites.find((s) => s.layer === layer);
      if (!site || !encoder.appliesTo(site)) return undefined;
      const own = params[block.name]?.[layer]?.sel ?? {};
      return encodingOf(encoder, own, site, heatmapAt(site, prepared, { name: encoder.name, batch }));
    },
  };
}

/** Checks a raw pyramid against what the generator was configured for. */
export function checkHeatmaps(heatmaps: HeatmapPyramid, config: ResolvedGeneratorConfig): void {
  for (const [resolution, K] of config.heatmapChannels) {
    const heatmap = heatmaps.get(resolution);
    if (!heatmap) {
      throw new SpatialGANError(
        'CONFIG',
        `synthesize: this generator reads heatmaps at ${fedTo(config.heatmapChannels)}, got: ${fedTo(heatmaps)}; ` +
          'render them at heatmapResolutions',
      );
    }
    assertShape(`synthesize: heatmap ${resolution}`, heatmap.shape, [null, null, null, K], 'heatmapChannels says K');
  }
}
