import type { EncoderSite } from '@spatialgan/core';
import { blockResolutions, channelsAt } from './channels.js';
import type { ResolvedGeneratorConfig } from './generatorConfig.js';

/** One block of the synthesis and where in ws it reads. */
export interface BlockPlan {
  /** 'b16'. */
  readonly name: `b${number}`;
  readonly resolution: number;
  /** 0 in the first block, which starts from a learned constant. */
  readonly inChannels: number;
  readonly outChannels: number;
  readonly isLast: boolean;
  /** Whether the block makes an image of its features. */
  readonly hasToRgb: boolean;
  /** Index in ws of the first convolution; ToRGB follows the convolutions and shares its w with the next block. */
  readonly wIndex: number;
  /** Sites of conv0 (if any), conv1 and torgb (if any), in order. */
  readonly sites: readonly EncoderSite[];
}

/** Number of convolutions of a block. */
export const convCount = (block: Pick<BlockPlan, 'inChannels'>): number => (block.inChannels === 0 ? 1 : 2);

type Sizes = Omit<BlockPlan, 'sites' | 'name'>;

function sitesOf(block: Sizes, config: ResolvedGeneratorConfig): readonly EncoderSite[] {
  const { resolution, inChannels, outChannels, hasToRgb } = block;
  const site = (layer: EncoderSite['layer'], channels: number): EncoderSite => ({
    path: `b${resolution}.${layer}`,
    resolution,
    layer,
    channels,
    heatmapChannels: config.heatmapChannels.get(resolution) ?? 0,
  });
  return [
    ...(inChannels > 0 ? [site('conv0', inChannels)] : []),
    site('conv1', outChannels),
    ...(hasToRgb ? [site('torgb', outChannels)] : []),
  ];
}

/** The blocks of a generator, from 4×4 up. */
export function planSynthesis(config: ResolvedGeneratorConfig): readonly BlockPlan[] {
  let wIndex = 0;
  return blockResolutions(config.imgResolution).map((resolution) => {
    const isLast = resolution === config.imgResolution;
    const sizes: Sizes = {
      resolution,
      inChannels: resolution === 4 ? 0 : channelsAt(resolution / 2, config),
      outChannels: channelsAt(resolution, config),
      isLast,
      hasToRgb: isLast || config.architecture === 'skip',
      wIndex,
    };
    wIndex += convCount(sizes);
    return { ...sizes, name: `b${resolution}`, sites: sitesOf(sizes, config) };
  });
}

/** Number of ws of a generator: one per convolution and one for the last ToRGB. */
export const numWsOf = (plan: readonly BlockPlan[]): number => plan.reduce((n, block) => n + convCount(block), 1);
