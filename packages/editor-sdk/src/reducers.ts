import {
  SpatialGANError, addRegion, findRegion, regionsOf, removeRegion, updateRegion, validateLayout, type HeatmapLayout, type Point, type Region,
} from '@spatialgan/schema';
import type { CommandReducer, EditorCommandType } from './commands.js';
import { withLayout, type EditorDocument } from './document.js';

const finite = (where: string, ...values: readonly number[]): void => {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new SpatialGANError('LAYOUT', `${where}: expected finite numbers, got ${value}`);
  }
};

function mustFind(layout: HeatmapLayout, id: string, where: string): Region {
  const region = findRegion(layout, id);
  if (!region) throw new SpatialGANError('LAYOUT', `${where}: expected the id of a region of this layout, got '${id}'`);
  return region;
}

const mapRegions = (layout: HeatmapLayout, change: (region: Region) => Region): HeatmapLayout => ({
  ...layout, levels: layout.levels.map((level) => ({ ...level, regions: level.regions.map(change) })),
});

/** Ids of regions and of what follows them; a locked one stays, and what follows only it stays with it. */
function movedWith({ layout, locked }: EditorDocument, ids: readonly string[]): ReadonlySet<string> {
  const moved = new Set(ids.filter((id) => !locked.includes(id)));
  const regions = regionsOf(layout);
  for (let size = -1; size !== moved.size; ) {
    size = moved.size;
    for (const { id, parentId } of regions) if (parentId !== undefined && moved.has(parentId) && !locked.includes(id)) moved.add(id);
  }
  return moved;
}

function shift(document: EditorDocument, ids: readonly string[], by: Point, exact?: { readonly id: string; readonly to: Point }): EditorDocument {
  if (by.x === 0 && by.y === 0) return document;
  const moved = movedWith(document, ids);
  return withLayout(document, mapRegions(document.layout, (region) => {
    if (!moved.has(region.id)) return region;
    const { x, y } = region.center;
    return { ...region, center: region.id === exact?.id ? { x: exact.to.x, y: exact.to.y } : { x: x + by.x, y: y + by.y } };
  }));
}

/** Reducers of the built-in commands. @throws SpatialGANError 'LAYOUT' on unknown ids and values out of range. */
export const standardReducers: { readonly [K in EditorCommandType]: CommandReducer<K> } = {
  moveRegion(document, { id, to }) {
    finite('moveRegion', to.x, to.y);
    const { center } = mustFind(document.layout, id, 'moveRegion');
    return shift(document, [id], { x: to.x - center.x, y: to.y - center.y }, { id, to });
  },
  moveRegions(document, { ids, by }) {
    finite('moveRegions', by.x, by.y);
    for (const id of ids) mustFind(document.layout, id, 'moveRegions');
    return shift(document, ids, by);
  },
  addRegion: (document, { level, region }) => withLayout(document, validateLayout(addRegion(document.layout, level, region))),
  removeRegion: (document, { id }) => withLayout(document, removeRegion(document.layout, id)),
  updateRegion(document, { id, patch }) {
    const before = findRegion(document.layout, id);
    const same = before && Object.entries(patch).every(([key, value]) => before[key as keyof Region] === value);
    return same ? document : withLayout(document, validateLayout(updateRegion(document.layout, id, patch)));
  },
  restyleRegion(document, { id, style }) {
    if (mustFind(document.layout, id, 'restyleRegion').style === style) return document;
    return withLayout(document, mapRegions(document.layout, (region) => {
      if (region.id !== id) return region;
      const { style: _own, ...rest } = region;
      return (style ? { ...rest, style } : rest) as Region;
    }));
  },
  setLocked(document, { ids, locked }) {
    for (const id of ids) mustFind(document.layout, id, 'setLocked');
    const next = locked ? [...new Set([...document.locked, ...ids])] : document.locked.filter((id) => !ids.includes(id));
    return next.length === document.locked.length ? document : { ...document, locked: next };
  },
  setLatent: (document, { latent }) => (latent === document.latent ? document : { ...document, latent }),
  setLayout: (document, { layout }) => withLayout(document, validateLayout(layout)),
  setTruncation(document, { psi }) {
    finite('setTruncation', psi);
    return psi === document.truncationPsi ? document : { ...document, truncationPsi: psi };
  },
  setNoise: (document, { noise }) => (noise === document.noise ? document : { ...document, noise }),
  setLabel(document, { label }) {
    finite('setLabel', ...(label ?? []));
    const { label: before, ...rest } = document;
    if (label === before || (label && label.length === before?.length && label.every((value, i) => value === before[i]))) return document;
    return label ? { ...rest, label } : rest;
  },
  reset: (document, { layout, latent }) => ({
    ...document, layout: validateLayout(layout), originalLayout: layout, latent: latent ?? document.latent, locked: [],
  }),
  setDocument(_before, { document }) {
    if (document.version !== 3) {
      throw new SpatialGANError('LAYOUT', `setDocument: expected a document of version 3, got ${String(document.version)}; read it with documentFromJson`);
    }
    return withLayout(document, validateLayout(document.layout));
  },
};
