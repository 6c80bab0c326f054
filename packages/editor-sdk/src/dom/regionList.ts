import type { Region } from '@spatialgan/schema';
import type { Editor } from '../editor.js';
import type { EditorState } from '../state.js';
import type { EditorMessages } from './messages.js';

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

/** Geometric mean of the half width and half height of a region's outline, in image sides. */
export function sizeOf(editor: Editor, region: Region, level: number): number {
  const outline = editor.regionUtil(region.kind).outline(region, level);
  const side = (axis: 'x' | 'y'): number => Math.max(...outline.map((p) => p[axis])) - Math.min(...outline.map((p) => p[axis]));
  return Math.sqrt(side('x') * side('y')) / 2;
}

/** What a screen reader says of a region: where it is, how large and how strong. */
export function describeRegion(editor: Editor, { region, level }: ListedRegion, messages: EditorMessages): string {
  const { center, weight } = region;
  return messages.regionState({ x: center.x, y: center.y, size: sizeOf(editor, region, level), weight });
}
