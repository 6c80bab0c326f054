import { concat, mean, moments, reshape, slice, tensor2d, type Tensor2D, type Tensor3D, type Tensor4D, tidy } from '@tensorflow/tfjs-core';
import { type ParamTree, type Rng, throwIfAborted } from '@spatialgan/core';
import { classLabel, type HeatmapLayout } from '@spatialgan/schema';
import type { BuiltModel } from '../buildModel.js';
import type { Likeness } from './likeness.js';

/** Where the optimization begins, and the scale of w. */
export interface StartingPoint {
  /** [1,L,wDim]; the caller's. */
  readonly ws: Tensor3D;
  readonly layout: HeatmapLayout;
  /** Its class, of conditional models: one-hot. */
  readonly label?: readonly number[];
  /** Standard deviation of w over latents. */
  readonly wDeviation: number;
}

/** What the search draws from. */
export interface SearchOptions {
  readonly model: BuiltModel;
  readonly G: ParamTree;
  readonly rng: Rng;
  /** Candidates: each a latent at ψ 0.7 with a layout, and where there are classes a class, of its own. */
  readonly candidates: number;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 8;

/** The most alike of random latents and layouts: a coarse search over what gradients do not cross, e.g. which side an object is on. */
export async function findStart(likeness: Likeness, { model, G, rng, candidates, signal }: SearchOptions): Promise<StartingPoint> {
  const { generator, renderer, sampler } = model;
  const { cDim } = generator;
  let best: { ws: Tensor3D; layout: HeatmapLayout; index: number; loss: number } | undefined;
  let variance = 0;
  for (let from = 0; from < candidates; from += BATCH) {
    throwIfAborted(signal, 'project');
    const batch = Math.min(BATCH, candidates - from);
    const layouts = Array.from({ length: batch }, (_, i) => sampler.sample(rng.split(`layout${from + i}`)));
    const classes = Array.from({ length: batch }, () => (cDim > 0 ? rng.integer(cDim) : 0));
    const { ws, loss, spread } = tidy(() => {
      const heatmaps = renderer.render(layouts, generator.heatmapResolutions);
      const w = generator.map(G, rng.split(`z${from}`).normalTensor<Tensor2D>([batch, generator.zDim]), {
        heatmaps, truncationPsi: 0.7, ...(cDim > 0 ? { c: tensor2d(classes.map((index) => classLabel(cDim, index))) } : {}),
      });
      const regionWs = generator.regionStyles ? { regionWs: repeatRegions(w, layouts[0]!) } : {};
      const images = generator.synthesize(G, w, { heatmaps, noiseMode: 'const', ...regionWs });
      return { ws: w, loss: likeness.distances(images).loss, spread: mean(moments(slice(w, [0, 0, 0], [batch, 1, generator.wDim]), 0).variance) };
    });
    const [losses, [s]] = [await loss.data(), await spread.data()];
    variance = Math.max(variance, s!);
    for (const [i, value] of [...losses].entries()) {
      if (best && value >= best.loss) continue;
      best?.ws.dispose();
      best = { ws: tidy(() => slice(ws, [i, 0, 0], [1, generator.numWs, generator.wDim])), layout: layouts[i]!, index: classes[i]!, loss: value };
    }
    for (const tensor of [ws, loss, spread]) tensor.dispose();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  // The candidates were drawn at ψ 0.7, which shrinks the deviation by as much.
  const { ws, layout, index } = best!;
  return { ws, layout, wDeviation: Math.sqrt(variance) / 0.7 || 1, ...(cDim > 0 ? { label: classLabel(cDim, index) } : {}) };
}

/** Every region with the global code, [N,K,L,wDim]. */
export function repeatRegions(ws: Tensor3D, layout: HeatmapLayout): Tensor4D {
  const K = layout.levels.reduce((sum, { regions }) => sum + regions.length, 0);
  const [N, L, W] = ws.shape;
  return concat(Array.from({ length: K }, () => reshape(ws, [N, 1, L, W])), 1) as Tensor4D;
}
