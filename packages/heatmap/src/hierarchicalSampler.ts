import { SpatialGANError, type HeatmapSampler, type Rng } from '@spatialgan/core';
import type { GaussianRegion, HeatmapLayout, LayoutLevel, Point } from '@spatialgan/schema';
import {
  covarianceOfSpread, drawCenter, drawNear, drawSpread,
  type CenterDistribution, type OffsetDistribution, type OutsideRule, type SpreadRange,
} from './drawCenter.js';

/** Options of {@link hierarchicalSampler}; lengths and offsets are in image sides. */
export interface HierarchicalSamplerOptions {
  /** Which defaults hold. Default `paper` (§4.1); `reference` is what the public code draws. */
  readonly preset?: 'paper' | 'reference';
  /** Regions of each level. Default [1, 2, 4] (§3.2). */
  readonly regions?: readonly number[];
  /** Feature resolutions that each level feeds. Default [[4], [8], [16]] (§3.2). */
  readonly resolutions?: readonly (readonly number[] | 'all')[];
  /** Standard deviation of a level-0 center around the middle. Default ⅓ (paper §4.1), 0.165 (reference code). */
  readonly deviation?: number;
  /** Rule for level-0 centers outside the image. Default `resample` (paper §4.1), `clamp` (reference code). */
  readonly outside?: OutsideRule;
  /** Largest distance from the middle that `clamp` leaves. Default 0.375 (reference code: ±0.75 on [-1, 1]). */
  readonly clampTo?: number;
  /** Offsets of levels 1, 2, … Default N(0, ⅙) (paper §4.1), U(±0.2) and U(±0.4) (reference code). */
  readonly offsets?: readonly OffsetDistribution[];
  /** Range of the spread s = 8σ² of each level. Default [0.5, 1], [0.1, 1.1]/1.4, [0.1, 1.1]/2 (reference code). */
  readonly spreads?: readonly SpreadRange[];
  /** Draws one level-0 spread for a whole batch. Default false (paper), true (reference code). */
  readonly sharedSpread?: boolean;
}

interface Hierarchy {
  readonly regions: readonly number[];
  readonly resolutions: readonly (readonly number[] | 'all')[];
  readonly root: CenterDistribution;
  readonly offsets: readonly OffsetDistribution[];
  readonly spreads: readonly SpreadRange[];
  readonly sharedSpread: boolean;
}

const SPREADS: readonly SpreadRange[] = [[0.5, 1], [0.1 / 1.4, 1.1 / 1.4], [0.1 / 2, 1.1 / 2]];
const REFERENCE_OFFSETS: readonly OffsetDistribution[] = [{ kind: 'uniform', reach: 0.2 }, { kind: 'uniform', reach: 0.4 }];

/** Fills the defaults in and checks that every level has all it needs. */
export function resolveHierarchy(where: string, options: HierarchicalSamplerOptions): Hierarchy {
  const reference = options.preset === 'reference';
  const regions = options.regions ?? [1, 2, 4];
  const levels = regions.length;
  const offset: OffsetDistribution = { kind: 'normal', deviation: 1 / 6 };
  const hierarchy: Hierarchy = {
    regions,
    resolutions: options.resolutions ?? regions.map((_, level) => [4 * 2 ** level]),
    root: {
      deviation: options.deviation ?? (reference ? 0.33 / 2 : 1 / 3),
      outside: options.outside ?? (reference ? 'clamp' : 'resample'),
      clampTo: options.clampTo ?? 0.375,
    },
    offsets: options.offsets ?? (reference ? REFERENCE_OFFSETS.slice(0, levels - 1) : regions.slice(1).map(() => offset)),
    spreads: options.spreads ?? SPREADS.slice(0, levels),
    sharedSpread: options.sharedSpread ?? reference,
  };
  const positive = regions.every((count) => Number.isInteger(count) && count > 0);
  if (levels === 0 || !positive) {
    throw new SpatialGANError('CONFIG', `${where}: expected a positive number of regions per level, got [${regions.join()}]`);
  }
  const lengths = { resolutions: levels, offsets: levels - 1, spreads: levels };
  for (const [name, expected] of Object.entries(lengths) as [keyof typeof lengths, number][]) {
    const got = hierarchy[name].length;
    if (got !== expected) {
      throw new SpatialGANError('CONFIG', `${where}: expected ${expected} ${name} for ${levels} levels, got ${got}; give '${name}'`);
    }
  }
  return hierarchy;
}

/** A round region of full height. */
export function roundRegion(id: string, center: Point, spread: number): GaussianRegion {
  return { id, kind: 'gaussian', center, covariance: covarianceOfSpread(spread), weight: 1 };
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function drawHierarchy(rng: Rng, { regions, resolutions, root, offsets, spreads }: Hierarchy, rootSpread?: number): HeatmapLayout {
  const roots = times(regions[0]!, () => drawCenter(rng, root));
  const rootSpreads = roots.map(() => rootSpread ?? drawSpread(rng, spreads[0]!));
  const parentOf = (index: number): number => index % roots.length;
  const centers = offsets.map((offset, i) => times(regions[i + 1]!, (r) => drawNear(rng, roots[parentOf(r)]!, offset)));
  const levels: LayoutLevel[] = [
    { resolutions: resolutions[0]!, regions: roots.map((center, r) => roundRegion(`l0r${r}`, center, rootSpreads[r]!)) },
    ...centers.map((level, i) => ({
      resolutions: resolutions[i + 1]!,
      regions: level.map((center, r) => ({
        ...roundRegion(`l${i + 1}r${r}`, center, drawSpread(rng, spreads[i + 1]!)),
        parentId: `l0r${parentOf(r)}`,
      })),
    })),
  ];
  return { version: 1, levels };
}

/**
 * Draws a coarse region and finer ones around it (§3.2): levels 1, 2, … follow the regions of level 0.
 *
 * Deterministic in the generator of random numbers.
 *
 * @throws SpatialGANError 'CONFIG' when the options do not describe every level.
 */
export function hierarchicalSampler(options: HierarchicalSamplerOptions = {}): HeatmapSampler {
  const hierarchy = resolveHierarchy('hierarchicalSampler', options);
  const sampler: HeatmapSampler = { name: 'hierarchical', sample: (rng) => drawHierarchy(rng, hierarchy) };
  if (!hierarchy.sharedSpread) return sampler;
  return {
    ...sampler,
    sampleBatch(rng, count) {
      const spread = drawSpread(rng, hierarchy.spreads[0]!);
      return times(count, (n) => drawHierarchy(rng.split(`sample${n}`), hierarchy, spread));
    },
  };
}

/**
 * Draws every level apart from the others (`independent` of Table 2): all centers as level 0's, no parents.
 *
 * Takes the options of {@link hierarchicalSampler}; `offsets` are not used.
 */
export function independentSampler(options: Omit<HierarchicalSamplerOptions, 'offsets' | 'sharedSpread'> = {}): HeatmapSampler {
  const offsets = (options.regions ?? [1, 2, 4]).slice(1).map(() => ({ kind: 'normal', deviation: 0 }) as const);
  const { regions, resolutions, root, spreads } = resolveHierarchy('independentSampler', { ...options, offsets });
  return {
    name: 'independent',
    sample(rng) {
      const levels = regions.map((count, level) => ({
        resolutions: resolutions[level]!,
        regions: times(count, (r) => roundRegion(`l${level}r${r}`, drawCenter(rng, root), drawSpread(rng, spreads[level]!))),
      }));
      return { version: 1, levels };
    },
  };
}
