import { type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { collectTaps, createRng, disposeParams, type NamedMaps, SpatialGANError, throwIfAborted } from '@spatialgan/core';
import type { ModelInfo, ModelRuntime, RgbaImage, SynthesisRequest } from '@spatialgan/schema';
import { validateLayout } from '@spatialgan/schema';
import { tappedScore } from '@spatialgan/trainer';
import { buildModel, extractorOf } from './buildModel.js';
import { fitLayout } from './fitLayout.js';
import { previewResolution } from './generatorPlan.js';
import { loadParams } from './loadParams.js';
import { createLossGuard } from './lossGuard.js';
import type { StoredModel } from './modelFile.js';
import { heatImages, rgbaImage } from './pixels.js';
import { pacedImages } from './previewPace.js';
import { labelOf, type Loaded } from './requestTensors.js';
import { createSynthesizer } from './synthesizer.js';

/** Options of {@link createLocalRuntime}. */
export interface LocalRuntimeOptions {
  /** Name of the active tfjs backend, shown in `info`. */
  readonly backend?: string;
  /** `createRuntime`'s: once it resolves, requests reject with 'BACKEND_LOST' instead of waiting for a device that is gone. */
  readonly lost?: Promise<string>;
  /**
   * Time for an image that is asked for with quality 'preview', in milliseconds. Default 16: as long as whole images are ready
   * in it, previews are whole; else they are a lower block's, at least 16 pixels and an eighth of the side, and the final image
   * goes on from there.
   */
  readonly previewMs?: number;
  /** How like the whole image, scaled down, a lower block's must be to serve as a preview, in decibels (PSNR). Default 20; `-Infinity` = always. */
  readonly previewDecibels?: number;
}

/** Of a request and its image; inside a tidy. */
function attentionMaps(loaded: Loaded, request: SynthesisRequest, images: Tensor4D): NamedMaps {
  const { model, D } = loaded;
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
  const smallest = previewResolution(model.config);
  return {
    name: model.config.name,
    imgResolution: model.generator.imgResolution,
    heatmapResolutions: model.generator.heatmapResolutions,
    maxRegions: Math.max(...layout.levels.map((level) => level.regions.length)),
    regionStyles: model.generator.regionStyles,
    ...(smallest < model.generator.imgResolution ? { previewResolution: smallest } : {}),
    ...(model.generator.cDim > 0 ? { labels: model.generator.cDim } : {}),
    ...(backend === undefined ? {} : { backend }),
  };
}

/**
 * Runs a stored model on the active tfjs backend, in this thread. It owns the weights until `dispose()`.
 *
 * Images are made by a plan (`@spatialgan/backends/plan`) that recomputes what differs from the request before: a heatmap's
 * blocks and those above it, all blocks for another latent. It keeps what that needs on the device, packed weights included.
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
  const synthesizer = createSynthesizer(loaded);
  const images = pacedImages(synthesizer, { ms: options.previewMs ?? 16, decibels: options.previewDecibels ?? 20 });
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
    async synthesize(request, { signal, quality } = {}) {
      enter('synthesize', signal);
      return guard(async () => {
        const { values, shape } = await images(prepared(request), quality);
        throwIfAborted(signal, 'synthesize');
        return rgbaImage(values, shape);
      });
    },
    ...(loaded.D
      ? {
          async attention(request: SynthesisRequest): Promise<Readonly<Record<string, RgbaImage>>> {
            enter('attention');
            return guard(async () => {
              const whole = prepared(request);
              const maps = tidy(() => attentionMaps(loaded, whole, synthesizer.synthesize(whole)) as Record<string, Tensor4D>);
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
      synthesizer.dispose();
      disposeParams(loaded.G);
      if (loaded.D) disposeParams(loaded.D);
    },
  };
}
