import { dispose, type Tensor, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type DeclareInput, type DrawnInputs, drawnInputs, type Plan, recordPlan } from '@spatialgan/backends/plan';
import { createRng, type HeatmapPyramid, type Rng, type SynthesisContext } from '@spatialgan/core';
import type { SynthesisRequest } from '@spatialgan/schema';
import type { ModelConfig } from './modelConfig.js';
import type { Loaded } from './requestTensors.js';

type Noise = NonNullable<SynthesisRequest['noise']>;

/** What a generator reads, beside its parameters. */
export interface GeneratorTensors {
  readonly ws: Tensor3D;
  readonly regionWs?: Tensor4D;
  readonly heatmaps: HeatmapPyramid;
}

/** The stream that layer noise of a seed comes from. */
export const noiseStream = (seed: number): Rng => createRng(seed).split('noise');

/** 'const', 'none', or 'random' for noise of any seed. */
export const noiseModeOf = (noise: Noise): NonNullable<SynthesisContext['noiseMode']> => (typeof noise === 'string' ? noise : 'random');

/** A generator as a plan: inputs `ws`, `regionWs`, `heatmap4`, …, one per drawn noise; outputs by the side of the image. */
export interface GeneratorPlan {
  readonly plan: Plan;
  /** Resolutions whose heatmaps are inputs; the others share one of these. */
  readonly heatmaps: readonly number[];
  readonly drawn: DrawnInputs | undefined;
}

/** The smallest image worth recording: what blocks make on the way is shown from this side on. */
const smallestShown = (full: number): number => Math.min(full, Math.max(16, full / 8));

/** Side of the smallest preview that a configuration's plan can give; the image's where no block but the last makes one. */
export const previewResolution = ({ generator: { imgResolution, architecture = 'skip' } }: ModelConfig): number =>
  (architecture === 'skip' ? smallestShown(imgResolution) : imgResolution);

/** Runs a generator once and plans it; in words why there can be no plan. */
export function planGenerator({ model: { generator }, G }: Loaded, { ws, regionWs, heatmaps }: GeneratorTensors, noise: Noise): GeneratorPlan | { readonly refused: string } {
  let drawn: DrawnInputs | undefined;
  const named = new Map<Tensor, number>();
  for (const [resolution, map] of heatmaps) if (!named.has(map)) named.set(map, resolution);
  const run = (input: DeclareInput): Record<string, Tensor> =>
    tidy(() => {
      const images: Record<string, Tensor> = {};
      if (typeof noise !== 'string') drawn = drawnInputs(noiseStream(noise.seed), input, 'noise ');
      for (const [map, resolution] of named) input(`heatmap${resolution}`, map);
      generator.synthesize(G, input('ws', ws), {
        heatmaps, noiseMode: noiseModeOf(noise),
        ...(drawn && { rng: drawn.rng }),
        ...(regionWs && { regionWs: input('regionWs', regionWs) }),
        imageTap(_block, image) {
          if (image.shape[1] >= smallestShown(generator.imgResolution)) images[image.shape[1]] = image;
          return image;
        },
      });
      return images;
    });
  let images: Record<string, Tensor> = {};
  const plan = recordPlan((input) => (images = run(input)));
  dispose(images);
  if ('refused' in plan) return plan;
  if (!drawn?.drewNumbers()) return { plan, heatmaps: [...named.values()], drawn };
  plan.dispose();
  return { refused: 'it draws its noise number by number' };
}
