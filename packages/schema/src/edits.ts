import { SpatialGANError } from './errors.js';
import type { HeatmapLayout, Point, Region } from './layout.js';

/** Every region of a layout, level by level. */
export function regionsOf(layout: HeatmapLayout): readonly Region[] {
  return layout.levels.flatMap((level) => level.regions);
}

/** The region of that id, if any. */
export function findRegion(layout: HeatmapLayout, id: string): Region | undefined {
  return regionsOf(layout).find((region) => region.id === id);
}

/** Index of the level a region stands in, or -1. */
export function levelOf(layout: HeatmapLayout, id: string): number {
  return layout.levels.findIndex((level) => level.regions.some((region) => region.id === id));
}

/** Ids of a region and of all that follow it. */
export function withDescendants(layout: HeatmapLayout, id: string): ReadonlySet<string> {
  const ids = new Set([id]);
  const regions = regionsOf(layout);
  for (let size = 0; size !== ids.size; ) {
    size = ids.size;
    for (const region of regions) if (region.parentId !== undefined && ids.has(region.parentId)) ids.add(region.id);
  }
  return ids;
}

function mapRegions(layout: HeatmapLayout, change: (region: Region) => Region): HeatmapLayout {
  return { ...layout, levels: layout.levels.map((level) => ({ ...level, regions: level.regions.map(change) })) };
}

function mustFind(layout: HeatmapLayout, id: string, where: string): Region {
  const region = findRegion(layout, id);
  if (!region) throw new SpatialGANError('LAYOUT', `${where}: expected the id of a region of this layout, got '${id}'`);
  return region;
}

/**
 * Moves a region's center to a point; its children move by the same offset (§3.2).
 *
 * @throws SpatialGANError 'LAYOUT' when no region has this id.
 */
export function moveRegion(layout: HeatmapLayout, id: string, to: Point): HeatmapLayout {
  const { center } = mustFind(layout, id, 'moveRegion');
  const [dx, dy] = [to.x - center.x, to.y - center.y];
  const moved = withDescendants(layout, id);
  return mapRegions(layout, (region) => {
    if (region.id === id) return { ...region, center: { x: to.x, y: to.y } };
    if (!moved.has(region.id)) return region;
    return { ...region, center: { x: region.center.x + dx, y: region.center.y + dy } };
  });
}

/**
 * Changes fields of one region.
 *
 * @throws SpatialGANError 'LAYOUT' when no region has this id.
 */
export function updateRegion(
  layout: HeatmapLayout,
  id: string,
  patch: Partial<Omit<Region, 'id' | 'kind'>>,
): HeatmapLayout {
  mustFind(layout, id, 'updateRegion');
  return mapRegions(layout, (region) => (region.id === id ? ({ ...region, ...patch } as Region) : region));
}

/**
 * Appends a region to a level.
 *
 * @throws SpatialGANError 'LAYOUT' when the level does not exist or the id is taken.
 */
export function addRegion(layout: HeatmapLayout, level: number, region: Region): HeatmapLayout {
  if (!layout.levels[level]) {
    throw new SpatialGANError('LAYOUT', `addRegion: expected a level in 0..${layout.levels.length - 1}, got ${level}`);
  }
  if (findRegion(layout, region.id)) {
    throw new SpatialGANError('LAYOUT', `addRegion: id '${region.id}' is taken; give the region another one`);
  }
  const levels = layout.levels.map((l, i) => (i === level ? { ...l, regions: [...l.regions, region] } : l));
  return { ...layout, levels };
}

/**
 * Takes a region out; its children stay, without a parent.
 *
 * @throws SpatialGANError 'LAYOUT' when no region has this id.
 */
export function removeRegion(layout: HeatmapLayout, id: string): HeatmapLayout {
  mustFind(layout, id, 'removeRegion');
  const orphan = (region: Region): Region => {
    if (region.parentId !== id) return region;
    const { parentId: _gone, ...rest } = region;
    return rest as Region;
  };
  const levels = layout.levels.map((level) => ({
    ...level,
    regions: level.regions.filter((region) => region.id !== id).map(orphan),
  }));
  return { ...layout, levels };
}
