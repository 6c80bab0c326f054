import type { Region } from '@spatialgan/schema';
import type { Editor } from '../editor.js';
import type { EditorState } from '../state.js';
import { degrees, percent } from './format.js';
import type { FaceContext } from './part.js';

export interface ListedRegion {
  readonly region: Region;
  readonly level: number;
  /** 1-based, within its level. */
  readonly number: number;
}

/** Regions in drawing and tabbing order: coarse levels first. */
export function listRegions({ layout }: Pick<EditorState, 'layout'>): readonly ListedRegion[] {
  return layout.levels.flatMap(({ regions }, level) => regions.map((region, i) => ({ region, level, number: i + 1 })));
}

/** A region's extent along its own axes. */
export interface Extent {
  /** Half length and half breadth of the outline, in image sides. */
  readonly x: number;
  readonly y: number;
  /** Of the x axis against the image's, in radians. */
  readonly angle: number;
}

export function extentOf(editor: Editor, region: Region, level: number): Extent {
  const util = editor.regionUtil(region.kind);
  const angle = util.angle?.(region) ?? 0;
  const [c, s] = [Math.cos(-angle), Math.sin(-angle)];
  const points = util.outline(region, level).map((p) => ({ x: p.x - region.center.x, y: p.y - region.center.y }));
  return {
    x: Math.max(...points.map(({ x, y }) => Math.abs(x * c - y * s))), y: Math.max(...points.map(({ x, y }) => Math.abs(x * s + y * c))), angle,
  };
}

/** Geometric mean of half length and half breadth, in image sides. */
export function sizeOf(editor: Editor, region: Region, level: number): number {
  const { x, y } = extentOf(editor, region, level);
  return Math.sqrt(x * y);
}

export const nameOf = ({ text }: FaceContext, { level, number }: ListedRegion): string => text('regionName', { level, number });

/** What a screen reader says of a region: where it is, how large and how strong, and what else is special. */
export function describeRegion({ editor, text }: FaceContext, { region, level }: ListedRegion): string {
  const { center, weight, style } = region;
  const { x, y, angle } = extentOf(editor, region, level);
  const values = { x: percent(center.x), y: percent(center.y), size: percent(Math.sqrt(x * y)), strength: percent(weight) };
  const locked = editor.getState().document.locked.includes(region.id);
  return [
    text('regionState', values), Math.abs(angle) > 0.01 && text('turned', { angle: degrees(angle) }), locked && text('isLocked'), style && text('ownStyle'),
  ].filter(Boolean).join(', ');
}
