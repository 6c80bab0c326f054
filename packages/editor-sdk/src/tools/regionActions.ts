import { findRegion, levelOf, type GaussianRegion, type HeatmapLayout, type LatentSpec, type Point, type Region } from '@spatialgan/schema';
import type { Editor } from '../editor.js';

type Ids = readonly string[];

/** Takes regions out, as one undo step. */
export function removeRegions(editor: Editor, ids: Ids): void {
  editor.transaction(ids.length > 1 ? 'Remove regions' : 'Remove region', () => ids.forEach((id) => editor.dispatch({ type: 'removeRegion', id })));
}

/** Locks regions, or unlocks them when all are locked. */
export function toggleLock(editor: Editor, ids: Ids): void {
  const { locked } = editor.getState().document;
  const lock = !ids.every((id) => locked.includes(id));
  editor.dispatch({ type: 'setLocked', ids, locked: lock }, { label: lock ? 'Lock' : 'Unlock' });
}

/** A seed between 0 and 99 999 from the platform's randomness. */
export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! % 100_000;

/** Gives regions one appearance of their own (Eq. 4, S_i). Default: a random seed's. */
export function restyleRegions(editor: Editor, ids: Ids, style: LatentSpec = { kind: 'seed', seed: randomSeed() }): void {
  editor.transaction('Restyle region', () => ids.forEach((id) => editor.dispatch({ type: 'restyleRegion', id, style })));
}

/** Adds and selects a region at a point of the active level; false, with a `refused` event, when the level is full. */
export function addRegionAt(editor: Editor, center: Point): boolean {
  const { layout, activeLevel } = editor.getState();
  const region = newRegion(layout, activeLevel, center);
  editor.dispatch({ type: 'addRegion', level: activeLevel, region });
  const added = levelOf(editor.getState().layout, region.id) >= 0;
  if (added) editor.select([region.id]);
  return added;
}

/** Adds and selects copies, a little aside, of as many regions as their levels have room for; how many that were. */
export function duplicateRegions(editor: Editor, ids: Ids): number {
  const copies: string[] = [];
  const aside = (value: number): number => (value > 0.9 ? value - 0.08 : value + 0.08);
  editor.transaction('Duplicate region', () => {
    for (const id of ids) {
      const { layout } = editor.getState();
      const region = findRegion(layout, id);
      if (!region) continue;
      const copy = { ...region, id: freeId(layout, 'copy'), center: { x: aside(region.center.x), y: aside(region.center.y) } };
      editor.dispatch({ type: 'addRegion', level: levelOf(layout, id), region: copy });
      if (findRegion(editor.getState().layout, copy.id)) copies.push(copy.id);
    }
  });
  if (copies.length > 0) editor.select(copies);
  return copies.length;
}

function freeId(layout: HeatmapLayout, stem: string): string {
  let number = 1;
  while (findRegion(layout, `${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

function newRegion(layout: HeatmapLayout, level: number, center: Point): GaussianRegion {
  const gaussians = (layout.levels[level]?.regions ?? []).filter((region) => region.kind === 'gaussian');
  const distance = ({ center: { x, y } }: Region): number => Math.hypot(x - center.x, y - center.y);
  const parent = level > 0 ? [...(layout.levels[0]?.regions ?? [])].sort((a, b) => distance(a) - distance(b))[0] : undefined;
  return {
    kind: 'gaussian', id: freeId(layout, 'new'), center: { x: center.x, y: center.y }, weight: 1,
    covariance: gaussians[0]?.covariance ?? [0.02, 0, 0.02],
    ...(parent && { parentId: parent.id }),
  };
}
