import { concat, reshape, type Tensor2D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { createRng, type GeneratorModel, type HeatmapRenderer, type HeatmapSampler, type ParamTree, type Rng, SpatialGANError } from '@spatialgan/core';
import { type HeatmapLayout, type ModelRuntime, regionsOf } from '@spatialgan/schema';
import type { ImageSource } from './imageSource.js';
import type { ByteImage } from '@spatialgan/data';
import { toUint8 } from './toUint8.js';

export interface GeneratedImagesOptions {
  readonly name?: string;
  readonly seed: number;
  /**
   * One image for each stream, [N,H,W,1 or 3] in [-1, 1]; what an image shows must follow from its own stream only.
   * The source disposes the tensor.
   */
  readonly generate: (streams: readonly Rng[]) => Tensor4D;
}

async function bytesOf(images: Tensor4D): Promise<readonly ByteImage[]> {
  const [N, height, width, channels] = images.shape;
  const pixels = toUint8(await images.data<'float32'>());
  const size = height * width * channels;
  return Array.from({ length: N }, (_, n) => ({ data: pixels.subarray(n * size, (n + 1) * size), width, height, channels }));
}

/** Images of any function from random streams; cut off to 8 bits as the official metrics do. */
export function generatedImages({ name = 'generated', seed, generate }: GeneratedImagesOptions): ImageSource {
  const root = createRng(seed).split('metrics');
  return {
    name, seed, length: Infinity, cacheable: false,
    async read(indices) {
      const images = generate(indices.map((i) => root.split(`image:${i}`)));
      try {
        if (images.shape[0] !== indices.length) {
          throw new SpatialGANError('SHAPE', `generatedImages: expected ${indices.length} images, got [${images.shape}]`);
        }
        return await bytesOf(images);
      } finally {
        images.dispose();
      }
    },
  };
}

export interface GeneratorImagesOptions {
  readonly name?: string;
  readonly seed: number;
  readonly generator: GeneratorModel;
  /** Borrowed; a function where they change while training. */
  readonly params: ParamTree | (() => ParamTree);
  readonly sampler: HeatmapSampler;
  readonly renderer: HeatmapRenderer;
  /** Default 1. */
  readonly truncationPsi?: number;
}

/** Codes of every region, [N,K,L,wDim], each from its own stream. */
function regionCodes({ generator, params }: { generator: GeneratorModel; params: ParamTree }, streams: readonly Rng[], [count, psi]: readonly [number, number]): Tensor4D {
  const z = concat(streams.flatMap((stream) => Array.from({ length: count }, (_, k) => stream.split(`region:${k}`).normalTensor<Tensor2D>([1, generator.zDim]))), 0);
  const ws: Tensor3D = generator.map(params, z, { truncationPsi: psi });
  return reshape(ws, [streams.length, count, ...ws.shape.slice(1)] as [number, number, number, number]);
}

/**
 * Images of a generator, one a stream, [N,H,W,C] in [-1, 1], with their layouts: latent and layout are drawn from the
 * image's own stream, layer noise is constant, as in the official metrics. To be called within a `tidy`.
 */
export function drawGenerated(
  { generator, params, sampler, renderer, truncationPsi = 1 }: Omit<GeneratorImagesOptions, 'name' | 'seed' | 'params'> & { readonly params: ParamTree },
  streams: readonly Rng[],
): { readonly images: Tensor4D; readonly layouts: readonly HeatmapLayout[] } {
  const layouts = streams.map((stream) => sampler.sample(stream.split('layout')));
  const heatmaps = renderer.render(layouts, generator.heatmapResolutions);
  const z = concat(streams.map((stream) => stream.split('z').normalTensor<Tensor2D>([1, generator.zDim])), 0);
  const ws = generator.map(params, z, { heatmaps, truncationPsi });
  const regions = layouts[0] ? regionsOf(layouts[0]).length : 0;
  const regionWs = generator.regionStyles ? { regionWs: regionCodes({ generator, params }, streams, [regions, truncationPsi]) } : {};
  return { images: generator.synthesize(params, ws, { heatmaps, noiseMode: 'const', ...regionWs }), layouts };
}

/** Images of a generator; see {@link drawGenerated}. */
export function generatorImages(options: GeneratorImagesOptions): ImageSource {
  const { name = 'generator', seed, generator } = options;
  if (generator.cDim > 0) throw new SpatialGANError('CONFIG', 'generatorImages: expected an unconditional generator; use generatedImages and draw the labels');
  return generatedImages({
    name, seed,
    generate: (streams) => tidy(() => drawGenerated({ ...options, params: typeof options.params === 'function' ? options.params() : options.params }, streams).images),
  });
}

/** Images of a loaded model behind its runtime, one at a time, wherever it runs. */
export function runtimeImages(runtime: ModelRuntime, { seed, truncationPsi = 1 }: { readonly seed: number; readonly truncationPsi?: number }): ImageSource {
  const root = createRng(seed).split('metrics');
  const readOne = async (index: number): Promise<ByteImage> => {
    const own = root.split(`image:${index}`).integer(2 ** 31);
    const layout = await runtime.sampleLayout(own);
    const { pixels, width, height } = await runtime.synthesize({ latent: { kind: 'seed', seed: own }, layout, truncationPsi });
    return { data: withoutAlpha(pixels), width, height, channels: 3 };
  };
  return {
    name: runtime.info.name, seed, length: Infinity, cacheable: false,
    async read(indices) {
      const images: ByteImage[] = [];
      for (const index of indices) images.push(await readOne(index));
      return images;
    },
  };
}

/** RGB of RGBA pixels. */
export function withoutAlpha(rgba: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: (rgba.length / 4) * 3 }, (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)]!);
}
