import { type Tensor2D, type Tensor3D, type Tensor4D, unstack } from '@tensorflow/tfjs-core';
import { assertShape, type EncoderSite, noTap, type ParamTree, type Rng, type SynthesisContext, type Tap, tidyTapped } from '@spatialgan/core';
import { setupFilter } from '@spatialgan/ops';
import { bindEncoder, initEncoder } from './encoderSites.js';
import type { ResolvedGeneratorConfig } from './generatorConfig.js';
import { resolveNoiseMode } from './layerNoise.js';
import type { LayerCodes } from './layerStyles.js';
import { blockFeatures, blockImage, initSynthesisBlock, type SynthesisBlockParams } from './synthesisBlock.js';
import { type BlockPlan, numWsOf } from './synthesisPlan.js';

/** Parameters of `synthesis`: b4, b8, … and what an encoder shares among its sites. */
export type SynthesisParams = {
  readonly [block: `b${number}`]: SynthesisBlockParams;
  readonly encoder?: ParamTree;
};

/** What a synthesis network is made of. */
export interface SynthesisSetting {
  readonly config: ResolvedGeneratorConfig;
  readonly plan: readonly BlockPlan[];
}

/** Draws the parameters of a synthesis network and of its encoder. The caller owns them. */
export function initSynthesis(rng: Rng, { config, plan }: SynthesisSetting): SynthesisParams {
  const encoder = initEncoder(rng, { config, plan });
  const blocks = plan.map((block) => {
    const own = initSynthesisBlock(rng.split(block.name), block, config);
    const layers = Object.fromEntries(
      block.sites.flatMap(({ layer, path }) => {
        const sel = encoder.sites.get(path);
        return sel === undefined ? [] : [[layer, { ...own[layer], sel }]];
      }),
    );
    return [block.name, { ...own, ...layers }] as const;
  });
  return {
    ...(Object.fromEntries(blocks) as { readonly [block: `b${number}`]: SynthesisBlockParams }),
    ...(encoder.shared !== undefined && { encoder: encoder.shared }),
  };
}

function codesOf(ws: Tensor3D, regionWs: Tensor4D | undefined): readonly LayerCodes[] {
  const regions = regionWs ? unstack(regionWs, 2) : [];
  return unstack(ws, 1).map((w, i) => ({ w: w as Tensor2D, regionW: regions[i] as Tensor3D | undefined }));
}

const IMAGE = 'image:';

/** One listener for both kinds of taps, so that one scope keeps what either sees. */
function listenerOf({ tap = noTap, imageTap = noTap }: SynthesisContext): Tap {
  if (tap === noTap && imageTap === noTap) return noTap;
  return (name, map) => (name.startsWith(IMAGE) ? imageTap(name.slice(IMAGE.length), map) : tap(name, map));
}

/**
 * Synthesizes images from intermediate codes and heatmaps. Differentiable: any order.
 *
 * Taps the features of each block as 'b4', 'b8', …, and for `imageTap` the image so far; what a listening tap saw lives on in
 * the caller's scope (call it in a tidy).
 *
 * @param ws [N,numWs,wDim].
 * @returns images, [N,R,R,imgChannels], about [-1, 1].
 * @throws SpatialGANError 'SHAPE' when ws, regionWs or a heatmap does not fit, 'CONFIG' when a heatmap,
 *   regionWs or the rng that the mode needs is missing.
 */
export function synthesis(
  params: SynthesisParams,
  ws: Tensor3D,
  { config, plan, ...context }: SynthesisContext & SynthesisSetting,
): Tensor4D {
  const { N } = assertShape('synthesize: ws', ws.shape, ['N', numWsOf(plan), config.wDim]);
  const { regionWs, rng } = context;
  if (regionWs) assertShape('synthesize: regionWs', regionWs.shape, [N!, null, numWsOf(plan), config.wDim]);
  const noiseMode = resolveNoiseMode(context);
  return tidyTapped(listenerOf(context), (tap) => {
    const encoder = bindEncoder(params, context.heatmaps, { config, batch: N! });
    const codes = codesOf(ws, encoder?.regionStyles ? regionWs : undefined);
    const shared = { config, resampleFilter: setupFilter(config.resampleFilter), codes, noiseMode, rng };
    let x: Tensor4D | undefined;
    let img: Tensor4D | undefined;
    for (const block of plan) {
      const options = { ...shared, block, encodingAt: encoder && ((layer: EncoderSite['layer']) => encoder.at(block, layer)) };
      x = tap(block.name, blockFeatures(params[block.name]!, x, options));
      img = blockImage(params[block.name]!, { x, img }, options);
      if (img) img = tap(`${IMAGE}${block.name}`, img);
    }
    return img!;
  });
}
