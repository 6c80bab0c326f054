import { expandDims, type Tensor2D, type Tensor4D, tile } from '@tensorflow/tfjs-core';
import { createRng, SpatialGANError } from '@spatialgan/core';
import { type GeneratorImagesOptions } from './generatedImages.js';
import type { PathGenerator } from './perceptualPathLength.js';

/**
 * What `evaluatePathLength` walks through: a path's layout is drawn from its own stream and is the same at both ends,
 * layer noise is constant. Without truncation; models whose regions have codes of their own take the path's code for all.
 *
 * @throws SpatialGANError 'CONFIG' for conditional generators.
 */
export function generatorPaths(options: Omit<GeneratorImagesOptions, 'name' | 'truncationPsi'>): (begin: number, end: number) => PathGenerator {
  const { seed, generator, sampler, renderer } = options;
  if (generator.cDim > 0) throw new SpatialGANError('CONFIG', 'generatorPaths: expected an unconditional generator');
  const root = createRng(seed).split('ppl');
  return (begin, end) => {
    const params = typeof options.params === 'function' ? options.params() : options.params;
    const layouts = Array.from({ length: end - begin }, (_, i) => sampler.sample(root.split(`path:${begin + i}`).split('layout')));
    const heatmapsOf = (rows: number): ReturnType<typeof renderer.render> =>
      renderer.render(Array.from({ length: rows }, (_, i) => layouts[i % layouts.length]!), generator.heatmapResolutions);
    return {
      zDim: generator.zDim,
      map: (z: Tensor2D) => generator.map(params, z, { heatmaps: heatmapsOf(z.shape[0]) }),
      synthesize(ws) {
        const heatmaps = heatmapsOf(ws.shape[0]);
        if (!generator.regionStyles) return generator.synthesize(params, ws, { heatmaps, noiseMode: 'const' });
        const regions = Math.max(0, ...[...heatmaps.values()].map((map) => map.shape[3]));
        const regionWs = tile(expandDims(ws, 1) as Tensor4D, [1, regions, 1, 1]);
        return generator.synthesize(params, ws, { heatmaps, noiseMode: 'const', regionWs });
      },
    };
  };
}
