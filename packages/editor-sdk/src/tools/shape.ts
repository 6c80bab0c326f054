import { findRegion, type Region } from '@spatialgan/schema';
import type { RegionPatch } from '../commands.js';
import type { Editor } from '../editor.js';
import type { RegionUtil } from '../tool.js';

type Factor = Parameters<RegionUtil['resize']>[1];

/** Scales a region along its own axes, whichever way it is turned. */
export function resizeAlong(util: RegionUtil, region: Region, factor: Factor): Region {
  const angle = util.angle?.(region) ?? 0;
  if (!util.rotate || angle === 0) return util.resize(region, factor);
  return util.rotate(util.resize(util.rotate(region, -angle), factor), angle);
}

/** What a region's shape is, without what and where it is. */
export function shapeOf({ id: _id, kind: _kind, center: _center, parentId: _parent, style: _style, weight: _weight, ...shape }: Region): RegionPatch {
  return shape as RegionPatch;
}

const within = (transaction: string | undefined) => (transaction === undefined ? {} : { transaction });

/** Scales a region about its center; x and y along its own axes. */
export function resizeRegion(editor: Editor, id: string, factor: number | Factor, transaction?: string): void {
  const region = findRegion(editor.getState().layout, id);
  if (!region) return;
  const patch = shapeOf(resizeAlong(editor.regionUtil(region.kind), region, typeof factor === 'number' ? { x: factor, y: factor } : factor));
  editor.dispatch({ type: 'updateRegion', id, patch }, { label: 'Resize region', ...within(transaction) });
}

/** Turns a region about its center, clockwise on the image, by radians. */
export function rotateRegion(editor: Editor, id: string, angle: number, transaction?: string): void {
  const region = findRegion(editor.getState().layout, id);
  const rotated = region && editor.regionUtil(region.kind).rotate?.(region, angle);
  if (rotated) editor.dispatch({ type: 'updateRegion', id, patch: shapeOf(rotated) }, { label: 'Rotate region', ...within(transaction) });
}
