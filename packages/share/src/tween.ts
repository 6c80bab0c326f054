import { type HeatmapLayout, type LatentSpec, type LayoutLevel, type Region, SpatialGANError, type SynthesisRequest } from '@spatialgan/schema';

/** Progress of time in [0, 1] → progress of the change in [0, 1]. */
export type Easing = (t: number) => number;

/** How a change begins and ends, by name. */
export const easings = {
  linear: (t) => t,
  /** Slow at both ends (cosine): what a hand does. */
  easeInOut: (t) => (1 - Math.cos(Math.PI * t)) / 2,
  easeOut: (t) => 1 - (1 - t) ** 3,
} as const satisfies Readonly<Record<string, Easing>>;
export type EasingName = keyof typeof easings;

/** Options of {@link tween}. */
export interface TweenOptions {
  /** Frames from one keyframe to the next. Default 24. */
  readonly framesPerStep?: number;
  /** Default `easings.easeInOut`. */
  readonly easing?: Easing;
  /** `once` (default) ends at the last keyframe; `back` returns the way it came, so that a loop has no jump. */
  readonly loop?: 'once' | 'back';
}

const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

function blendNumbers(a: Float32Array, b: Float32Array, t: number): Float32Array {
  return a.map((value, i) => mix(value, b[i]!, t));
}

/** Latents between two: numbers of one kind and size are blended, all others are mixed by the model (in w). */
export function blendLatents(a: LatentSpec, b: LatentSpec, t: number): LatentSpec {
  if (a === b || t <= 0) return a;
  if (t >= 1) return b;
  if (a.kind === 'z' && b.kind === 'z' && a.z.length === b.z.length) return { kind: 'z', z: blendNumbers(a.z, b.z, t) };
  if (a.kind === 'ws' && b.kind === 'ws' && a.ws.length === b.ws.length) return { kind: 'ws', ws: blendNumbers(a.ws, b.ws, t) };
  return { kind: 'mix', from: a, to: b, amount: t };
}

/** Positive definite covariances stay so under every mixture: they are a convex set. */
function blendRegions(a: Region, b: Region, t: number): Region {
  const common = {
    ...(t < 0.5 ? a : b), id: a.id, weight: mix(a.weight, b.weight, t), center: { x: mix(a.center.x, b.center.x, t), y: mix(a.center.y, b.center.y, t) },
  };
  const style = a.style && b.style ? { style: blendLatents(a.style, b.style, t) } : {};
  if (a.kind !== 'gaussian' || b.kind !== 'gaussian') return { ...common, ...style } as Region;
  const covariance = a.covariance.map((value, i) => mix(value, b.covariance[i]!, t)) as unknown as typeof a.covariance;
  return { ...common, ...style, covariance } as Region;
}

function blendLevels(a: LayoutLevel, b: LayoutLevel, t: number): LayoutLevel {
  const later = new Map(b.regions.map((region) => [region.id, region]));
  const earlier = new Set(a.regions.map(({ id }) => id));
  const added = b.regions.filter(({ id }) => !earlier.has(id));
  let replaced = 0;
  const kept = a.regions.map((region) => {
    const next = later.get(region.id);
    if (next) return blendRegions(region, next, t);
    // A model takes only so many regions: what is added comes in the place of what goes, once that has faded.
    const successor = added[replaced++];
    if (!successor) return { ...region, weight: region.weight * (1 - t) };
    return t < 0.5 ? { ...region, weight: region.weight * (1 - 2 * t) } : { ...successor, weight: successor.weight * (2 * t - 1) };
  });
  const more = added.slice(replaced).map((region) => ({ ...region, weight: region.weight * t }));
  return { resolutions: a.resolutions, regions: [...kept, ...more] };
}

/**
 * A layout between two: regions of one id move, grow and fade together; those of one side only fade, one after the other where
 * one replaces another. No level ever has more regions than on the side that has more.
 *
 * @throws SpatialGANError 'LAYOUT' when the two have different numbers of levels.
 */
export function blendLayouts(a: HeatmapLayout, b: HeatmapLayout, t: number): HeatmapLayout {
  if (a === b || t <= 0) return a;
  if (t >= 1) return b;
  if (a.levels.length !== b.levels.length) {
    throw new SpatialGANError('LAYOUT', `keyframes: expected layouts of one model, got ${a.levels.length} and ${b.levels.length} levels`);
  }
  return { version: 1, levels: a.levels.map((level, l) => blendLevels(level, b.levels[l]!, t)) };
}

/** Between two labels of a conditional model: their mixture, which its embedding takes like any. */
function blendLabels({ label: a }: SynthesisRequest, { label: b }: SynthesisRequest, t: number): Pick<SynthesisRequest, 'label'> {
  const label = a && b && a !== b && a.length === b.length ? a.map((value, i) => mix(value, b[i]!, t)) : t < 0.5 ? a : b;
  return label ? { label } : {};
}

function blend(a: SynthesisRequest, b: SynthesisRequest, t: number): SynthesisRequest {
  if (t <= 0) return a;
  if (t >= 1) return b;
  const noise = t < 0.5 ? a.noise : b.noise;
  return {
    latent: blendLatents(a.latent, b.latent, t),
    layout: blendLayouts(a.layout, b.layout, t),
    truncationPsi: mix(a.truncationPsi ?? 1, b.truncationPsi ?? 1, t),
    ...(noise === undefined ? {} : { noise }),
    ...blendLabels(a, b, t),
  };
}

/**
 * The frames of a move through keyframes, each keyframe included exactly once a pass.
 *
 * @throws SpatialGANError 'CONFIG' on fewer than two keyframes.
 */
export function tween(keyframes: readonly SynthesisRequest[], options: TweenOptions = {}): readonly SynthesisRequest[] {
  const { framesPerStep = 24, easing = easings.easeInOut, loop = 'once' } = options;
  if (keyframes.length < 2) throw new SpatialGANError('CONFIG', `tween: expected at least two keyframes, got ${keyframes.length}; edit the layout first`);
  if (!(Number.isInteger(framesPerStep) && framesPerStep >= 1)) throw new SpatialGANError('CONFIG', `tween: expected a whole number of frames from 1, got ${framesPerStep}`);
  const there = keyframes.slice(1).flatMap((to, k) =>
    Array.from({ length: framesPerStep }, (_, i) => blend(keyframes[k]!, to, easing((i + 1) / framesPerStep))));
  const frames = [keyframes[0]!, ...there];
  return loop === 'back' ? [...frames, ...frames.slice(1, -1).reverse()] : frames;
}
