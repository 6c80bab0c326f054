import { concat, reshape, type Tensor2D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { SpatialGANError, type EncoderSetting, type SpatialEncoder } from '@spatialgan/core';
import { fullyConnected, initFullyConnected } from '@spatialgan/ops';
import type { DenseParams } from './layerParams.js';
import { resizeTo } from './resizeTo.js';

/** Options of {@link selFlatten}. */
export interface SelFlattenOptions {
  /** Feature resolutions whose heatmaps are flattened, each at that size. Default [4, 8, 16]. */
  readonly resolutions?: readonly number[];
}

/** The layer that all of G shares: zDim + Σ r²·K → zDim. */
export type SelFlattenParams = { readonly fc: DenseParams };

/**
 * The flattened heatmap joins the latent code (Table 3): z' = FC([z, H_4, H_8, H_16]), linear. No 2-D structure is left.
 */
export function selFlatten({ resolutions = [4, 8, 16] }: SelFlattenOptions = {}): SpatialEncoder<Record<string, never>, SelFlattenParams> {
  const fed = ({ heatmapChannels }: EncoderSetting): readonly number[] => resolutions.filter((r) => (heatmapChannels.get(r) ?? 0) > 0);
  return {
    name: 'selFlatten',
    appliesTo: () => false,
    init: () => ({}),
    initShared(rng, setting) {
      const values = fed(setting).reduce((n, r) => n + r * r * setting.heatmapChannels.get(r)!, 0);
      return { fc: initFullyConnected(rng, { inFeatures: setting.zDim + values, outFeatures: setting.zDim }) as DenseParams };
    },
    encodeLatent: ({ fc }, z, heatmaps, setting) =>
      tidy(() => {
        const flat = fed(setting).map((r) => {
          const map: Tensor4D | undefined = heatmaps.get(r);
          if (!map) throw new SpatialGANError('SHAPE', `selFlatten: expected a heatmap at ${r}, got [${[...heatmaps.keys()].join()}]`);
          return reshape(resizeTo(map, [r, r]), [z.shape[0], -1]) as Tensor2D;
        });
        return fullyConnected(concat([z, ...flat], 1) as Tensor2D, fc);
      }),
  };
}
