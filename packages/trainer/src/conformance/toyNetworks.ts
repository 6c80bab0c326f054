import { add, concat, expandDims, matMul, mean, mul, reshape, softplus, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { createRng, type DiscriminatorModel, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, type ParamTree } from '@spatialgan/core';
import type { HeatmapLayout } from '@spatialgan/schema';
import type { TrainingData } from '../trainerOptions.js';

/** Networks that a plugin is checked with, and what feeds them. */
export interface ConformanceNetworks {
  readonly generator: GeneratorModel;
  readonly discriminator: DiscriminatorModel;
  readonly sampler: HeatmapSampler;
  readonly renderer: HeatmapRenderer;
}

const size = 8;
const zDim = 3;
const features = 4;
type Params = { readonly [name: string]: Tensor1D | Tensor2D };
const paramsOf = (tree: ParamTree): Params => tree as Params;

const generator: GeneratorModel = {
  zDim, wDim: zDim, cDim: 0, numWs: 2, imgResolution: size, imgChannels: 3, heatmapResolutions: [4], regionStyles: false,
  init: (rng) => ({
    embed: rng.split('embed').normalTensor<Tensor2D>([zDim, zDim]),
    weight: rng.split('weight').normalTensor<Tensor2D>([2 * zDim, size * size * 3]),
    wAvg: rng.split('wAvg').normalTensor<Tensor1D>([zDim]),
  }),
  isBuffer: (path) => path === 'wAvg',
  map(params, z) {
    const w = expandDims(matMul(z, paramsOf(params)['embed'] as Tensor2D), 1);
    return concat([w, w], 1) as Tensor3D;
  },
  updateBuffers: (params, ws) => new Map([['wAvg', tidy(() => add(mul(paramsOf(params)['wAvg']!, 0.9), mul(mean(ws, [0, 1]), 0.1)))]]),
  synthesize: (params, ws, { heatmaps, rng, noiseMode }) =>
    tidy(() => {
      const [N] = ws.shape;
      const image = reshape(matMul(reshape(ws, [N, 2 * zDim]) as Tensor2D, paramsOf(params)['weight'] as Tensor2D), [N, size, size, 3]);
      const shaped = add(mul(image, 0.2), mean(heatmaps.get(4)!, [1, 2, 3], true));
      return (noiseMode === 'random' && rng ? add(shaped, mul(rng.normalTensor<Tensor4D>([N, size, size, 1]), 0.1)) : shaped) as Tensor4D;
    }),
};

const discriminator: DiscriminatorModel = {
  imgResolution: size, cDim: 0, taps: ['b8'],
  init: (rng) => ({
    weight: mul(rng.split('weight').normalTensor<Tensor2D>([size * size * 3, 16 * features]), 0.1),
    // Above 0, so that attention is not all cut off by its ReLU.
    head: mul(rng.split('head').uniformTensor<Tensor2D>([16 * features, 1]), 0.3),
  }),
  score(params, images, tap) {
    const flat = reshape(images, [-1, size * size * 3]) as Tensor2D;
    const seen = tap('b8', reshape(softplus(matMul(flat, paramsOf(params)['weight'] as Tensor2D)), [-1, 4, 4, features]));
    return matMul(reshape(seen, [-1, 16 * features]) as Tensor2D, paramsOf(params)['head'] as Tensor2D);
  },
};

const sampler: HeatmapSampler = {
  name: 'conformance',
  sample(rng): HeatmapLayout {
    const region = (id: string) => ({ id, kind: 'gaussian' as const, center: { x: rng.uniform(), y: rng.uniform() }, covariance: [0.05, 0, 0.05] as const, weight: 1 });
    return { version: 1, levels: [{ resolutions: [4], regions: [region('a'), region('b')] }] };
  },
};

const renderer: HeatmapRenderer = {
  render(layouts) {
    const values = layouts.flatMap(({ levels }) => {
      const centers = levels[0]!.regions.map(({ center }) => center);
      const at = (i: number): number => (i + 0.5) / 4;
      return Array.from({ length: 16 }, (_, i) => centers.map(({ x, y }) => Math.exp(-10 * ((at(i % 4) - x) ** 2 + (at(i >> 2) - y) ** 2)))).flat();
    });
    return new Map([[4, tensor4d(values, [layouts.length, 4, 4, 2])]]);
  },
};

/** Small smooth networks: images of 8×8, heatmaps of two regions at 4×4, D taps 4×4 features as 'b8'. Any order differentiable. */
export const toyNetworks: ConformanceNetworks = { generator, discriminator, sampler, renderer };

/** Batches of four images that follow from their number alone, from `start` on. */
export function toyData({ generator: { imgResolution, imgChannels } }: Pick<ConformanceNetworks, 'generator'>, start = 0): TrainingData {
  let next = start;
  return {
    next: async () => ({ images: createRng(next++).uniformTensor<Tensor4D>([4, imgResolution, imgResolution, imgChannels]) }),
    get cursor() {
      return { next };
    },
  };
}
