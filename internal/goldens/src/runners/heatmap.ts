import { sum, type Tensor, transpose } from '@tensorflow/tfjs-core';
import { createRng, type HeatmapSampler, type Rng } from '@spatialgan/core';
import { minMaxNormalize } from '@spatialgan/gradcam';
import {
  covarianceOfSpread, gaussianRenderer, hierarchicalSampler, multiObjectSampler, pixelGrid, renderRegions,
} from '@spatialgan/heatmap';
import type { GaussianRegion, HeatmapLayout, Region } from '@spatialgan/schema';
import type { Runner } from '../goldenCase.js';
import { toNchw } from '../pytorchLayout.js';

/** Hands recorded draws out in order; counts the normal ones. */
function replay(normals: ArrayLike<number>, uniforms: ArrayLike<number> = []): Rng & { readonly used: () => number } {
  let [n, u] = [0, 0];
  const next = (values: ArrayLike<number>, index: number): number => {
    const value = values[index];
    if (value === undefined) throw new Error('replay: the sampler drew more often than the recording');
    return value;
  };
  const normal = (): number => next(normals, n++);
  return { ...createRng(0), normal, uniform: () => (uniforms.length ? next(uniforms, u++) : 0.5), used: () => n };
}

/** The rows of a tensor's first dimension as flat arrays. */
function rowsOf(x: Tensor): readonly (readonly number[])[] {
  const values = x.dataSync();
  const length = x.size / x.shape[0]!;
  return Array.from({ length: x.shape[0]! }, (_, i) => [...values.subarray(i * length, (i + 1) * length)]);
}

/** Centers of one level in pixels, (y,x) pairs. */
const pixelCenters = (layout: HeatmapLayout, level: number, [h, w]: readonly [number, number]): readonly number[] =>
  layout.levels[level]!.regions.flatMap(({ center }) => [center.y * h, center.x * w]);

const eq1: Runner = ({ inputs, args }) => {
  const [h, w] = args.size as [number, number];
  const covariances = rowsOf(inputs['cov']!);
  const batch = rowsOf(inputs['centers']!).map((centers, n) =>
    Array.from({ length: centers.length / 2 }, (_, i): GaussianRegion => {
      const [yy, yx, , xx] = covariances[n]!.slice(4 * i, 4 * i + 4) as [number, number, number, number];
      return {
        id: `${i}`, kind: 'gaussian', weight: 1, center: { x: centers[2 * i + 1]! / w, y: centers[2 * i]! / h },
        covariance: [xx / (w * w), yx / (w * h), yy / (h * h)],
      };
    }),
  );
  const sub = renderRegions(batch, { grid: pixelGrid(h, w, args.coords === 'integer' ? 'integer' : 'center') });
  const combined = sum(sub, 3, true);
  return { sub: toNchw(sub), H: toNchw(combined), H_minmax: toNchw(minMaxNormalize(combined as typeof sub)) };
};

const hierarchicalCenters: Runner = ({ inputs, args }) => {
  const [eps0, eps1, eps2] = ['eps0', 'eps1', 'eps2'].map((name) => rowsOf(inputs[name]!)) as [number[][], number[][], number[][]];
  const regions = [1, inputs['eps1']!.shape[1]!, inputs['eps2']!.shape[1]!];
  const drawn = eps0.map((candidates, n) => {
    const root = replay(candidates);
    hierarchicalSampler({ regions: [1] }).sample(root);
    const used = root.used();
    const rng = replay([...candidates.slice(0, used), ...eps1[n]!, ...eps2[n]!]);
    return { accepted: used / 2 - 1, layout: hierarchicalSampler({ regions }).sample(rng) };
  });
  const level = (l: number): number[] => drawn.flatMap(({ layout }) => pixelCenters(layout, l, args.size));
  return { c0: level(0), accepted: drawn.map(({ accepted }) => accepted), c1: level(1), c2: level(2) };
};

const indoorCenters: Runner = ({ inputs, args }) => {
  const sampler = multiObjectSampler({ regions: inputs['eps']!.shape[1]!, outside: 'keep' });
  const layouts = rowsOf(inputs['eps']!).map((eps) => sampler.sample(replay(eps)));
  return { centers: layouts.flatMap((layout) => pixelCenters(layout, 0, args.size)) };
};

function renderReference(layouts: readonly HeatmapLayout[], size: number, floor: number): Record<string, Tensor> {
  const pyramid = gaussianRenderer({ preset: 'reference', size, floor }).render(layouts, [4, 8, 16]);
  return { b8: toNchw(pyramid.get(4)!), b16: toNchw(pyramid.get(8)!), b32: toNchw(pyramid.get(16)!) };
}

const multi: Runner = ({ inputs, args }) => {
  const roots = rowsOf(inputs['centers']!);
  const level = (l: number, offsets: readonly number[], root: readonly number[], spreads: readonly number[]): Region[] =>
    spreads.map((spread, i): GaussianRegion => {
      const [y, x] = [root[0]! + offsets[i]!, root[1]! + offsets[spreads.length + i]!];
      const center = { x: (x + 1) / 2, y: (y + 1) / 2 };
      return { id: `l${l}r${i}`, kind: 'gaussian', weight: 1, center, covariance: covarianceOfSpread(spread) };
    });
  const layouts = roots.map((root, n): HeatmapLayout => {
    const finer = [2, 3].map((l) => {
      const given = inputs[`l${l}_centers`];
      const offsets = rowsOf((given ?? inputs[`l${l}_delta`])!)[n]!;
      const spreads = rowsOf(inputs[`cur_sigma${l}`]!)[n]!;
      return level(l - 1, offsets, given ? [0, 0] : root, spreads);
    });
    const regions = [level(0, [0, 0], root, [args.sigma]), ...finer];
    return { version: 1, levels: regions.map((list, l) => ({ resolutions: [4 * 2 ** l], regions: list })) };
  });
  return renderReference(layouts, args.resolution, args.eps ?? 0.01);
};

const sampling: Runner = ({ inputs, args }) => {
  // Offsets come as [N,2(yx),n]; the sampler draws y and x region by region.
  const byRegion = (name: string): readonly (readonly number[])[] => rowsOf(transpose(inputs[name]!, [0, 2, 1]));
  const normals = rowsOf(inputs['draw_00']!);
  const uniforms = [byRegion('draw_02'), byRegion('draw_03'), rowsOf(inputs['draw_04']!), rowsOf(inputs['draw_05']!)];
  const streams = normals.map((normal, n) => replay(normal, uniforms.flatMap((rows) => rows[n]!)));
  let sample = 0;
  const batch: Rng = { ...replay([], inputs['draw_01']!.dataSync()), split: () => streams[sample++]! };
  const regions = [1, inputs['draw_02']!.shape[2]!, inputs['draw_03']!.shape[2]!];
  const sampler: HeatmapSampler = hierarchicalSampler({ preset: 'reference', regions });
  return renderReference(sampler.sampleBatch!(batch, normals.length), args.resolution, args.eps ?? 0.01);
};

export const runners: Readonly<Record<string, Runner>> = {
  'paper.eq1_heatmap': eq1,
  'paper.hierarchical_centers': hierarchicalCenters,
  'paper.indoor_centers': indoorCenters,
  generate_heatmap_multi: multi,
  heatmap_sampling: sampling,
};
