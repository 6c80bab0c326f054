import { add, broadcastTo, expandDims, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import type { Rng } from '@spatialgan/core';
import { convLayer, type Fir, initConvLayer, upsample2d } from '@spatialgan/ops';
import type { ResolvedGeneratorConfig } from './generatorConfig.js';
import type { ConvParams } from './layerParams.js';
import type { NoiseMode } from './layerNoise.js';
import type { LayerCodes, LayerEncoding } from './layerStyles.js';
import { initSynthesisLayer, synthesisLayer, type SynthesisLayerOptions, type SynthesisLayerParams } from './synthesisLayer.js';
import { type BlockPlan, convCount } from './synthesisPlan.js';
import { initToRgb, toRgb, type ToRgbParams } from './toRgb.js';

/** Parameters of one resolution of the synthesis. */
export type SynthesisBlockParams = {
  /** First block only, [4,4,C]. */
  readonly const?: Tensor3D;
  /** All but the first block. */
  readonly conv0?: SynthesisLayerParams;
  readonly conv1: SynthesisLayerParams;
  readonly torgb?: ToRgbParams;
  /** 'resnet' only, all but the first block; no bias. */
  readonly skip?: ConvParams;
};

/** Draws the parameters of a block, without those of an encoder. The caller owns them. */
export function initSynthesisBlock(rng: Rng, block: BlockPlan, config: ResolvedGeneratorConfig): SynthesisBlockParams {
  const { inChannels, outChannels, resolution, hasToRgb } = block;
  const { wDim, useNoise, imgChannels, architecture } = config;
  const layer = (name: string, channels: number): SynthesisLayerParams =>
    initSynthesisLayer(rng.split(name), { inChannels: channels, outChannels, wDim, resolution, useNoise });
  const first = inChannels === 0;
  return {
    ...(first
      ? { const: rng.split('const').normalTensor<Tensor3D>([resolution, resolution, outChannels]) }
      : { conv0: layer('conv0', inChannels) }),
    conv1: layer('conv1', outChannels),
    ...(hasToRgb && { torgb: initToRgb(rng.split('torgb'), { inChannels: outChannels, imgChannels, wDim }) }),
    ...(!first && architecture === 'resnet' && {
      skip: initConvLayer(rng.split('skip'), { inChannels, outChannels, kernelSize: 1, bias: false }),
    }),
  };
}

/** How a block runs. */
export interface SynthesisBlockOptions {
  readonly block: BlockPlan;
  readonly config: ResolvedGeneratorConfig;
  /** Low-pass filter of the resampling layers, from setupFilter. */
  readonly resampleFilter: Fir;
  /** Codes by index in ws. */
  readonly codes: readonly LayerCodes[];
  readonly noiseMode: NoiseMode;
  /** Streams are split from it per layer. */
  readonly rng?: Rng | undefined;
  /** What the encoder does at a site; absent = nothing. */
  readonly encodingAt?: ((layer: 'conv0' | 'conv1' | 'torgb') => LayerEncoding | undefined) | undefined;
}

/**
 * Features of one resolution: two styled convolutions (one in the first block, on a learned
 * constant), with a linear shortcut in 'resnet'. Differentiable: any order.
 *
 * @param x features of the block before, [N,h/2,w/2,I]; absent in the first block.
 * @returns [N,h,w,O].
 */
export function blockFeatures(params: SynthesisBlockParams, x: Tensor4D | undefined, options: SynthesisBlockOptions): Tensor4D {
  const { block, resampleFilter, codes } = options;
  const { wIndex } = block;
  return tidy(() => {
    if (!params.conv0 || !x) {
      const N = codes[wIndex]!.w.shape[0];
      const constant = broadcastTo(expandDims(params.const!, 0), [N, ...params.const!.shape]) as Tensor4D;
      return synthesisLayer(params.conv1, constant, layerOptions('conv1', wIndex, options));
    }
    const up = synthesisLayer(params.conv0, x, { ...layerOptions('conv0', wIndex, options), up: 2 });
    const second = layerOptions('conv1', wIndex + 1, options);
    if (!params.skip) return synthesisLayer(params.conv1, up, second);
    const shortcut = convLayer(x, params.skip, { up: 2, gain: Math.SQRT1_2, resampleFilter });
    return add<Tensor4D>(shortcut, synthesisLayer(params.conv1, up, { ...second, gain: Math.SQRT1_2 }));
  });
}

function layerOptions(layer: 'conv0' | 'conv1', w: number, options: SynthesisBlockOptions): SynthesisLayerOptions {
  const { block, config, resampleFilter, codes, noiseMode, rng, encodingAt } = options;
  const { activation, convClamp } = config;
  return {
    ...codes[w]!,
    noiseMode,
    rng: rng?.split(`${block.name}.${layer}`),
    activation,
    resampleFilter,
    convClamp,
    encoding: encodingAt?.(layer),
  };
}

/** What {@link blockImage} reads. */
export interface BlockImageInput {
  /** The block's features, [N,h,w,C]. */
  readonly x: Tensor4D;
  /** The image of the block before, [N,h/2,w/2,imgChannels]. */
  readonly img: Tensor4D | undefined;
}

/**
 * The image after a block: the one before, up-sampled, plus what ToRGB makes of the features;
 * undefined as long as the architecture has none. Differentiable: any order.
 */
export function blockImage(params: SynthesisBlockParams, { x, img }: BlockImageInput, options: SynthesisBlockOptions): Tensor4D | undefined {
  const { block, config, resampleFilter, codes, encodingAt } = options;
  const { torgb } = params;
  if (!torgb) return undefined;
  return tidy(() => {
    const torgbCodes = codes[block.wIndex + convCount(block)]!;
    const y = toRgb(torgb, x, { ...torgbCodes, convClamp: config.convClamp, encoding: encodingAt?.('torgb') });
    return img ? add<Tensor4D>(upsample2d(img, resampleFilter), y) : y;
  });
}
