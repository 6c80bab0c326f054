import { concat, type Tensor4D } from '@tensorflow/tfjs-core';
import { SpatialGANError, type EncoderSetting, type HeatmapPyramid, type Rng } from '@spatialgan/core';
import { convLayer } from '@spatialgan/ops';
import { type ConvParams, initConv3 } from './layerParams.js';
import { resizeTo } from './resizeTo.js';

/** Convolutions that all sites share: `level0.conv0`, `level0.conv1`, `level1.conv0`, … */
export type ProjectionParams = Readonly<Record<string, Readonly<Record<string, ConvParams>>>>;

/** How each level's heatmap is projected before the sites read it. */
export interface Projection {
  /** Output channels of the successive 3×3 convolutions; empty = none. */
  readonly widths: readonly number[];
  /** `fine`: at the size the heatmap is rendered at; `coarse`: at the resolution it feeds (§3.2). */
  readonly processing: 'coarse' | 'fine';
  /** What blocks above the last level read: all levels side by side (reference code), or nothing. */
  readonly above: 'concat' | 'none';
  /** Number of levels. */
  readonly levels: number;
}

const levelsOf = (setting: EncoderSetting): readonly number[] => [...setting.heatmapChannels.keys()].sort((a, b) => a - b);

/** Parameters of {@link projectHeatmaps}. */
export function initProjection(rng: Rng, setting: EncoderSetting, { widths }: Projection): ProjectionParams {
  const level = (K: number, label: string): Readonly<Record<string, ConvParams>> => {
    const convs = widths.map((outChannels, i) => {
      const inChannels = i === 0 ? K : widths[i - 1]!;
      return [`conv${i}`, initConv3(rng.split(`${label}.conv${i}`), inChannels, outChannels)] as const;
    });
    return Object.fromEntries(convs);
  };
  return Object.fromEntries(
    levelsOf(setting).map((r, l) => [`level${l}`, level(setting.heatmapChannels.get(r)!, `level${l}`)]),
  );
}

/** All convolutions have leaky ReLU with gain √2; the last is toned down by √½ (reference code). */
function projectLevel(convs: Readonly<Record<string, ConvParams>>, heatmap: Tensor4D): Tensor4D {
  const last = Object.keys(convs).length - 1;
  let x = heatmap;
  for (let i = 0; i <= last; i++) {
    const gain = i === last && last > 0 ? Math.SQRT1_2 : 1;
    x = convLayer(x, convs[`conv${i}`]!, { act: 'lrelu', gain });
  }
  return x;
}

/**
 * Projects each level once per synthesis and lays the results out by the resolution of the block that reads them.
 *
 * @param heatmaps raw maps by the resolution they feed, [N,s,s,K].
 * @returns [N,s,s,last width] per block; `levels` times that above the last level with `concat`.
 * @throws SpatialGANError 'SHAPE' when a level's heatmap is missing, 'CONFIG' when the number of levels is another.
 */
export function projectHeatmaps(
  shared: ProjectionParams,
  heatmaps: HeatmapPyramid,
  setting: EncoderSetting,
  { processing, above, levels }: Projection,
): HeatmapPyramid {
  const resolutions = levelsOf(setting);
  const pyramid = new Map<number, Tensor4D>();
  resolutions.forEach((resolution, l) => {
    const raw = heatmaps.get(resolution);
    if (!raw) throw new SpatialGANError('SHAPE', `selNorm: expected heatmaps at [${resolutions.join()}], got none at ${resolution}`);
    const sized = processing === 'fine' ? raw : resizeTo(raw, [resolution, resolution]);
    pyramid.set(resolution, projectLevel(shared[`level${l}`]!, sized));
  });
  const top = Math.max(...resolutions);
  if (above === 'none' || setting.imgResolution <= top) return pyramid;
  if (resolutions.length !== levels) {
    throw new SpatialGANError('CONFIG', `selNorm: expected ${levels} levels, got ${resolutions.length}; give 'levels'`);
  }
  const [, height, width] = pyramid.get(top)!.shape;
  const all = concat(resolutions.map((r) => resizeTo(pyramid.get(r)!, [height, width])), 3);
  for (let r = top * 2; r <= setting.imgResolution; r *= 2) pyramid.set(r, all);
  return pyramid;
}
