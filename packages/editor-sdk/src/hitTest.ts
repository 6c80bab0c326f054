import type { Point, Region } from '@spatialgan/schema';
import type { EditorState } from './state.js';
import type { RegionUtil } from './tool.js';

/** Relative height of a Gaussian at one standard deviation: inside its outline. */
const INSIDE = Math.exp(-0.5);

/**
 * The region under a point: one of the active level if there is one, else of the finest level; among
 * several of a level the one whose center is nearest in its own units. Faded regions can be hit.
 */
export function regionAt(
  { layout, activeLevel }: Pick<EditorState, 'layout' | 'activeLevel'>,
  point: Point,
  utilOf: (kind: Region['kind']) => RegionUtil,
): Region | undefined {
  const hits = layout.levels.flatMap(({ regions }, level) =>
    regions
      .map((region) => ({ region, level, height: utilOf(region.kind).evaluate({ ...region, weight: 1 }, point) }))
      .filter(({ height }) => height >= INSIDE),
  );
  const rank = (level: number): number => (level === activeLevel ? Infinity : level);
  return hits.sort((a, b) => (a.level === b.level ? b.height - a.height : rank(b.level) - rank(a.level)))[0]?.region;
}
