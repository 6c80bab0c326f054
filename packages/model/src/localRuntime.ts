import { add, mul, stack, tensor2d, tensor3d, type Tensor2D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import {
  collectTaps, createRng, disposeParams, type HeatmapPyramid, type NamedMaps, type ParamTree, SpatialGANError, type SynthesisContext,
  throwIfAborted,
} from '@spatialgan/core';
import type { LatentSpec, ModelInfo, ModelRuntime, RgbaImage, SynthesisRequest } from '@spatialgan/schema';
import { regionsOf, validateLayout } from '@spatialgan/schema';
import { tappedScore } from '@spatialgan/trainer';
import { type BuiltModel, buildModel, extractorOf } from './buildModel.js';
import { fitLayout } from './fitLayout.js';
import { loadParams } from './loadParams.js';
import { createLossGuard } from './lossGuard.js';
import type { StoredModel } from './modelFile.js';
import { heatImages, rgbaImage } from './pixels.js';

/** Options of {@link createLocalRuntime}. */
export interface LocalRuntimeOptions {
  /** Name of the active tfjs backend, shown in `info`. */
  readonly backend?: string;
  /** `createRuntime`'s: once it resolves, requests reject with 'BACKEND_LOST' instead of waiting for a device that is gone. */
  readonly lost?: Promise<string>;
}

interface Loaded {
  readonly model: BuiltModel;
  readonly G: ParamTree;
  readonly D?: ParamTree;
}

/** A request's label as [1,cDim]; the first class where it has none. */
function labelOf({ model }: Loaded, { label }: SynthesisRequest): { readonly c?: Tensor2D } {
  const { cDim } = model.generator;
  if (cDim === 0) return {};
  const values = label ?? Array.from({ length: cDim }, (_, i) => (i === 0 ? 1 : 0));
  if (values.length !== cDim) throw new SpatialGANError('SHAPE', `label: expected ${cDim} numbers, got ${values.length}`);
  return { c: tensor2d([...values], [1, cDim]) };
}

/** What the mapping network reads beside the latent. */
interface Mapped {
  readonly psi: number;
  readonly heatmaps: HeatmapPyramid;
  readonly c?: Tensor2D;
}

/** w of a latent, [1,L,wDim]; a `ws` is taken as it is. Inside a tidy. */
function wsOf({ model, G }: Loaded, latent: LatentSpec, { psi, ...context }: Mapped): Tensor3D {
  const { zDim, numWs, wDim } = model.generator;
  if (latent.kind === 'mix') {
    const { amount } = latent;
    if (!Number.isFinite(amount)) throw new SpatialGANError('SHAPE', `latent: expected the amount of a mix to be finite, got ${amount}`);
    const [from, to] = [latent.from, latent.to].map((end) => wsOf({ model, G }, end, { psi, ...context }));
    return add(mul(from!, 1 - amount), mul(to!, amount));
  }
  if (latent.kind === 'ws') {
    if (latent.ws.length !== numWs * wDim) {
      throw new SpatialGANError('SHAPE', `latent: expected ws of ${numWs}×${wDim} numbers, got ${latent.ws.length}`);
    }
    return tensor3d(latent.ws, [1, numWs, wDim]);
  }
  if (latent.kind === 'z' && latent.z.length !== zDim) {
    throw new SpatialGANError('SHAPE', `latent: expected z of ${zDim} numbers, got ${latent.z.length}`);
  }
  const z =
    latent.kind === 'z'
      ? tensor2d(latent.z, [1, zDim])
      : createRng(latent.seed).split('z').normalTensor<Tensor2D>([1, zDim]);
  return model.generator.map(G, z, { truncationPsi: psi, ...context });
}

/** The regions' codes [1,K,L,wDim]; a region without its own style takes the global one. */
function regionWsOf(loaded: Loaded, request: SynthesisRequest, ws: Tensor3D, mapped: Mapped): Tensor4D {
  const codes = regionsOf(request.layout).map(({ style }) => (style ? wsOf(loaded, style, mapped) : ws));
  return stack(codes, 1) as Tensor4D;
}

function noiseOf({ noise = 'const' }: SynthesisRequest): Pick<SynthesisContext, 'noiseMode' | 'rng'> {
  return typeof noise === 'string' ? { noiseMode: noise } : { noiseMode: 'random', rng: createRng(noise.seed).split('noise') };
}

/** [1,H,W,C] in [-1, 1]; inside a tidy. */
function synthesize(loaded: Loaded, request: SynthesisRequest): Tensor4D {
  const { generator, renderer } = loaded.model;
  const heatmaps = renderer.render([request.layout], generator.heatmapResolutions);
  const mapped: Mapped = { psi: request.truncationPsi ?? 1, heatmaps, ...labelOf(loaded, request) };
  const ws = wsOf(loaded, request.latent, mapped);
  const regionWs = generator.regionStyles ? { regionWs: regionWsOf(loaded, request, ws, mapped) } : {};
  return generator.synthesize(loaded.G, ws, { heatmaps, ...noiseOf(request), ...regionWs });
}

function attentionMaps(loaded: Loaded, request: SynthesisRequest): NamedMaps {
  const { model, D } = loaded;
  const images = synthesize(loaded, request);
  const targets = model.discriminator.taps.filter((name) => ATTENTION_TARGETS.includes(name));
  const extractor = extractorOf({ reading: model.config.renderer.preset, targets });
  const score = tappedScore(model.discriminator, D!, labelOf(loaded, request).c);
  const weights = extractor.weigh(score, images);
  const { tap, features } = collectTaps(targets);
  score(images, tap);
  return extractor.attend(weights, features);
}

const ATTENTION_TARGETS: readonly string[] = ['b8', 'b16', 'b32'];

function modelInfo({ model }: Loaded, backend: string | undefined): ModelInfo {
  const layout = model.sampler.sample(createRng(0));
  return {
    name: model.config.name,
    imgResolution: model.generator.imgResolution,
    heatmapResolutions: model.generator.heatmapResolutions,
    maxRegions: Math.max(...layout.levels.map((level) => level.regions.length)),
    regionStyles: model.generator.regionStyles,
    ...(model.generator.cDim > 0 ? { labels: model.generator.cDim } : {}),
    ...(backend === undefined ? {} : { backend }),
  };
}

/**
 * Runs a stored model on the active tfjs backend, in this thread. It owns the weights until `dispose()`.
 *
 * @throws SpatialGANError 'CHECKPOINT' when the weights do not fit their configuration.
 */
export function createLocalRuntime(stored: StoredModel, options: LocalRuntimeOptions = {}): ModelRuntime {
  const model = buildModel(stored.config);
  const loaded: Loaded = {
    model,
    G: loadParams((rng) => model.generator.init(rng), stored.G, 'G'),
    ...(stored.D ? { D: loadParams((rng) => model.discriminator.init(rng), stored.D, 'D') } : {}),
  };
  let disposed = false;
  const guard = createLossGuard(options.lost);
  const enter = (where: string, signal?: AbortSignal): void => {
    if (disposed) throw new SpatialGANError('DISPOSED', `${where}: the model is disposed; load it again`);
    throwIfAborted(signal, where);
  };
  const prepared = (request: SynthesisRequest): SynthesisRequest => ({
    ...request,
    layout: fitLayout(validateLayout(request.layout), model),
  });
  return {
    info: modelInfo(loaded, options.backend),
    async sampleLayout(seed) {
      enter('sampleLayout');
      return model.sampler.sample(createRng(seed).split('layout'));
    },
    async synthesize(request, { signal } = {}) {
      enter('synthesize', signal);
      return guard(async () => {
        const image = tidy(() => synthesize(loaded, prepared(request)));
        try {
          const values = await image.data<'float32'>();
          throwIfAborted(signal, 'synthesize');
          return rgbaImage(values, image.shape);
        } finally {
          image.dispose();
        }
      });
    },
    ...(loaded.D
      ? {
          async attention(request: SynthesisRequest): Promise<Readonly<Record<string, RgbaImage>>> {
            enter('attention');
            return guard(async () => {
              const maps = tidy(() => attentionMaps(loaded, prepared(request)) as Record<string, Tensor4D>);
              try {
                return await heatImages(maps);
              } finally {
                disposeParams(maps);
              }
            });
          },
        }
      : {}),
    async project(photo, projectOptions = {}) {
      enter('project', projectOptions.signal);
      // Loaded when the first photo comes: no page pays for gradients before.
      const { projectPhoto } = await import('./projection/projectPhoto.js');
      return guard(() => projectPhoto(photo, { ...projectOptions, ...loaded }));
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      disposeParams(loaded.G);
      if (loaded.D) disposeParams(loaded.D);
    },
  };
}
