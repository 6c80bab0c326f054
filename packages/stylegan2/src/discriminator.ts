import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { assertShape, type DiscriminatorModel, type Rng, SpatialGANError, type Tap, tidyTapped } from '@spatialgan/core';
import { setupFilter } from '@spatialgan/ops';
import { blockResolutions, channelsAt } from './channels.js';
import {
  discriminatorBlock, type DiscriminatorBlockParams, type DiscriminatorState, initDiscriminatorBlock,
} from './discriminatorBlock.js';
import { type DiscriminatorConfig, type ResolvedDiscriminatorConfig, resolveDiscriminatorConfig } from './discriminatorConfig.js';
import { discriminatorEpilogue, type DiscriminatorEpilogueParams, initDiscriminatorEpilogue } from './discriminatorEpilogue.js';
import { initMapping, mapping, type MappingParams } from './mapping.js';

/** Parameters of a {@link styleGan2Discriminator}: blocks b8, b16, … and the last one, b4. */
export type DiscriminatorParams = { readonly [Block in BlockName]?: DiscriminatorBlockParams } & {
  readonly b4: DiscriminatorEpilogueParams;
  /** Conditional networks only. */
  readonly mapping?: MappingParams;
};

type BlockName = `b${8 | 16 | 32 | 64 | 128 | 256 | 512 | 1024 | 2048 | 4096}`;

/** Block resolutions in the order of the pass, without the last block's. */
const passOrder = (imgResolution: number): readonly number[] => blockResolutions(imgResolution).slice(1).reverse();

function initDiscriminator(rng: Rng, config: ResolvedDiscriminatorConfig): DiscriminatorParams {
  const { imgResolution, imgChannels, architecture, cmapDim, mbstdNumChannels } = config;
  const blocks = passOrder(imgResolution).map((r) => {
    const here = channelsAt(r, config);
    const block = initDiscriminatorBlock(rng.split(`b${r}`), {
      inChannels: r === imgResolution ? 0 : here,
      tmpChannels: here,
      outChannels: channelsAt(r / 2, config),
      imgChannels,
      architecture,
    });
    return [`b${r}`, block] as const;
  });
  const channels = channelsAt(4, config);
  return {
    ...(Object.fromEntries(blocks) as Record<BlockName, DiscriminatorBlockParams>),
    b4: initDiscriminatorEpilogue(rng.split('b4'), { channels, imgChannels, architecture, cmapDim, mbstdNumChannels }),
    ...(config.mapping && { mapping: initMapping(rng.split('mapping'), config.mapping) }),
  };
}

/** The layers of the blocks above 4 by path, from the image on. */
function layerPaths({ imgResolution, architecture }: ResolvedDiscriminatorConfig): readonly string[] {
  return passOrder(imgResolution).flatMap((r) => {
    const hasImage = r === imgResolution || architecture === 'skip';
    return [...(hasImage ? ['fromrgb'] : []), 'conv0', 'conv1', ...(architecture === 'resnet' ? ['skip'] : [])].map((layer) => `b${r}.${layer}.`);
  });
}

/** Tells the layers that are not trained. */
function frozenLayers(config: ResolvedDiscriminatorConfig): (path: string) => boolean {
  const paths = layerPaths(config);
  const { freezeLayers: count } = config;
  if (!Number.isInteger(count) || count < 0 || count > paths.length) {
    throw new SpatialGANError('CONFIG', `styleGan2Discriminator: freezeLayers must be from 0 to ${paths.length} (all but the last block), got ${count}`);
  }
  const frozen = paths.slice(0, count);
  return (path) => frozen.some((prefix) => path.startsWith(prefix));
}

interface Pass {
  readonly config: ResolvedDiscriminatorConfig;
  readonly tap: Tap;
  readonly c?: Tensor2D | undefined;
}

function score(params: DiscriminatorParams, images: Tensor4D, { config, tap: listener, c }: Pass): Tensor2D {
  const { imgResolution, imgChannels, architecture, activation, convClamp } = config;
  assertShape('score: images', images.shape, ['N', imgResolution, imgResolution, imgChannels], 'NHWC, in [-1, 1]');
  return tidyTapped(listener, (tap) => {
    const resampleFilter = setupFilter(config.resampleFilter);
    let state: DiscriminatorState = { img: images };
    for (const r of passOrder(imgResolution)) {
      const name = `b${r}` as BlockName;
      const next = discriminatorBlock(params[name]!, state, { architecture, activation, resampleFilter, convClamp });
      state = { ...next, x: tap(name, next.x!) };
    }
    const cmap = config.mapping ? mapping(params.mapping!, { ...(c && { c }) }, config.mapping) : undefined;
    return discriminatorEpilogue(params.b4, state, { ...config, cmap });
  });
}

/**
 * A StyleGAN2 discriminator.
 *
 * Taps the OUTPUT of each block above 4 under the block's name: 'b8' is of 4×4. What a listening tap
 * saw lives on in the caller's scope (call it in a tidy). Functions are pure; parameters are the caller's. Differentiable: any order.
 *
 * @throws SpatialGANError 'CONFIG' when the configuration cannot be.
 */
export function styleGan2Discriminator(config: DiscriminatorConfig): DiscriminatorModel<DiscriminatorParams> {
  const resolved = resolveDiscriminatorConfig(config);
  return {
    imgResolution: resolved.imgResolution,
    cDim: resolved.cDim,
    ...(resolved.mbstdNumChannels > 0 ? { groupSize: resolved.mbstdGroupSize } : {}),
    taps: passOrder(resolved.imgResolution).map((r) => `b${r}`),
    ...(resolved.freezeLayers === 0 ? {} : { isBuffer: frozenLayers(resolved) }),
    init: (rng) => initDiscriminator(rng, resolved),
    score: (params, images, tap, context) => score(params, images, { config: resolved, tap, c: context?.c }),
  };
}
