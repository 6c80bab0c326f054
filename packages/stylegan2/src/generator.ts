import { type Tensor2D, type Tensor3D, tidy } from '@tensorflow/tfjs-core';
import { type GeneratorModel, type MappingContext, SpatialGANError } from '@spatialgan/core';
import { checkHeatmaps, encoderSetting } from './encoderSites.js';
import { type GeneratorConfig, resolveGeneratorConfig, type ResolvedGeneratorConfig } from './generatorConfig.js';
import { broadcastWs, initMapping, mapping, type MappingParams, trackWAvg } from './mapping.js';
import { initSynthesis, synthesis, type SynthesisParams } from './synthesis.js';
import { numWsOf, planSynthesis } from './synthesisPlan.js';

/** Parameters of a {@link styleGan2Generator}. */
export type GeneratorParams = {
  readonly mapping: MappingParams;
  readonly synthesis: SynthesisParams;
};

function encodeLatent(params: GeneratorParams, z: Tensor2D, options: { config: ResolvedGeneratorConfig; context: MappingContext }): Tensor2D {
  const { config, context } = options;
  const { encoder } = config;
  if (!encoder?.encodeLatent) return z;
  if (!context.heatmaps) {
    throw new SpatialGANError('CONFIG', `map: encoder '${encoder.name}' changes z by the heatmaps; pass context.heatmaps`);
  }
  checkHeatmaps(context.heatmaps, config);
  return encoder.encodeLatent(params.synthesis.encoder ?? {}, z, context.heatmaps, encoderSetting(config));
}

const BUFFER = /(^|\.)(wAvg|noiseConst)$/;

/**
 * A StyleGAN2 generator, with places for a spatial encoder (core's SpatialEncoder) before every layer.
 *
 * Its functions are pure; parameters are the caller's. Differentiable: any order.
 *
 * @throws SpatialGANError 'CONFIG' when the configuration cannot be.
 */
export function styleGan2Generator(config: GeneratorConfig): GeneratorModel<GeneratorParams> {
  const resolved = resolveGeneratorConfig(config);
  const plan = planSynthesis(resolved);
  const numWs = numWsOf(plan);
  const { zDim, wDim, cDim, imgResolution, imgChannels, heatmapChannels, encoder } = resolved;
  const { wAvgBeta } = resolved.mapping;
  return {
    zDim, wDim, cDim, numWs, imgResolution, imgChannels,
    heatmapResolutions: [...heatmapChannels.keys()],
    regionStyles: encoder?.encodeStyles !== undefined,
    isBuffer: (path) => BUFFER.test(path),
    init: (rng) => ({
      mapping: initMapping(rng.split('mapping'), resolved.mapping),
      synthesis: initSynthesis(rng.split('synthesis'), { config: resolved, plan }),
    }),
    map: (params, z, context = {}) =>
      tidy((): Tensor3D => {
        const { c, truncationPsi, truncationCutoff } = context;
        const encoded = encodeLatent(params, z, { config: resolved, context });
        const w = mapping(params.mapping, { z: encoded, ...(c && { c }) }, resolved.mapping);
        return broadcastWs(w, numWs, { wAvg: params.mapping.wAvg, truncationPsi, truncationCutoff });
      }),
    ...(wAvgBeta !== null && {
      updateBuffers: (params: GeneratorParams, ws: Tensor3D) =>
        new Map([['mapping.wAvg', trackWAvg(params.mapping.wAvg!, ws, wAvgBeta)]]),
    }),
    synthesize: (params, ws, context) => synthesis(params.synthesis, ws, { ...context, config: resolved, plan }),
  };
}
