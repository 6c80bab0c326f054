import { SpatialGANError, type Rng } from '@spatialgan/core';
import { isotropicCovariance, type GaussianRegion, type Point } from '@spatialgan/schema';

/** What becomes of a center that falls outside the image: drawn again, moved to the nearest allowed place, or kept. */
export type OutsideRule = 'resample' | 'clamp' | 'keep';

/** N(½, deviation) per axis, in image sides. */
export interface CenterDistribution {
  readonly deviation: number;
  readonly outside: OutsideRule;
  /** `clamp` keeps this distance from the middle, in image sides. */
  readonly clampTo: number;
}

/** How far a region may lie from the one it follows, in image sides. */
export type OffsetDistribution =
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly reach: number };

/** Smallest and largest spread s = 8σ², drawn uniformly. */
export type SpreadRange = readonly [min: number, max: number];

const MAX_CANDIDATES = 10_000;
const isInside = ({ x, y }: Point): boolean => x >= 0 && x < 1 && y >= 0 && y < 1;

/** Draws y first, then x, as the reference code orders its pairs. */
export function drawCenter(rng: Rng, { deviation, outside, clampTo }: CenterDistribution): Point {
  const clamp = (offset: number): number => Math.min(clampTo, Math.max(-clampTo, offset));
  for (let candidate = 0; candidate < MAX_CANDIDATES; candidate++) {
    const dy = deviation * rng.normal();
    const dx = deviation * rng.normal();
    if (outside === 'clamp') return { x: 0.5 + clamp(dx), y: 0.5 + clamp(dy) };
    const center = { x: 0.5 + dx, y: 0.5 + dy };
    if (outside === 'keep' || isInside(center)) return center;
  }
  throw new SpatialGANError(
    'CONFIG',
    `sampler: no center fell inside the image in ${MAX_CANDIDATES} draws; expected a deviation below 1, got ${deviation}`,
  );
}

/** Draws y first, then x. */
export function drawNear(rng: Rng, { x, y }: Point, offset: OffsetDistribution): Point {
  const draw = (): number =>
    offset.kind === 'normal' ? offset.deviation * rng.normal() : offset.reach * (2 * rng.uniform() - 1);
  const dy = draw();
  return { x: x + draw(), y: y + dy };
}

/** Uniform in the range. */
export function drawSpread(rng: Rng, [min, max]: SpreadRange): number {
  return min + (max - min) * rng.uniform();
}

/** Covariance of a round region exp(-|p-c|²/s) whose s is measured on [-1, 1]²: σ² = s/8 in image sides. */
export function covarianceOfSpread(spread: number): GaussianRegion['covariance'] {
  return isotropicCovariance(Math.sqrt(spread / 8));
}
