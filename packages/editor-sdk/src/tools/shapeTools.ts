import type { Point, Region } from '@spatialgan/schema';
import type { Editor } from '../editor.js';
import type { EditorPointerEvent, EditorTool } from '../tool.js';
import { DRAG, dragTool, type Grip } from './drag.js';
import { resizeAlong, rotateRegion, shapeOf } from './shape.js';

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
const ratio = (a: number, b: number): number => Math.max(Math.abs(a), 0.01) / Math.max(Math.abs(b), 0.01);
/** With Shift, or snapping, angles go in steps of 15°. */
const ANGLE_STEP = Math.PI / 12;

/** An offset from a region's center, seen along the region's own axes. */
function along(region: Region, point: Point, editor: Editor): Point {
  const angle = -(editor.regionUtil(region.kind).angle?.(region) ?? 0);
  const [dx, dy] = [point.x - region.center.x, point.y - region.center.y];
  return { x: dx * Math.cos(angle) - dy * Math.sin(angle), y: dx * Math.sin(angle) + dy * Math.cos(angle) };
}

function change(editor: Editor, next: Region, label: string): void {
  editor.dispatch({ type: 'updateRegion', id: next.id, patch: shapeOf(next) }, { transaction: DRAG, label });
}

/** Scales so that what was pressed follows the pointer; grips of one axis, and Shift, scale the axes apart. */
export function resizeBy({ start, region, regions, handle }: Grip, { point, shiftKey }: EditorPointerEvent, editor: Editor): void {
  const [from, to] = [along(region, start, editor), along(region, point, editor)];
  const whole = ratio(Math.hypot(to.x, to.y), Math.hypot(from.x, from.y));
  const apart = { x: ratio(to.x, from.x), y: ratio(to.y, from.y) };
  const free = shiftKey ? apart : { x: whole, y: whole };
  const factor = handle === 'width' ? { x: apart.x, y: 1 } : handle === 'height' ? { x: 1, y: apart.y } : free;
  for (const each of regions) change(editor, resizeAlong(editor.regionUtil(each.kind), each, factor), 'Resize region');
}

/** Turns with the pointer about the pressed region's center; each region about its own. */
export function rotateBy({ start, region, regions }: Grip, { point, shiftKey }: EditorPointerEvent, editor: Editor): void {
  const { center } = region;
  const bearing = (at: Point): number => Math.atan2(at.y - center.y, at.x - center.x);
  const before = editor.regionUtil(region.kind).angle?.(region) ?? 0;
  const free = before + bearing(point) - bearing(start);
  const angle = (shiftKey || editor.getState().snap ? Math.round(free / ANGLE_STEP) * ANGLE_STEP : free) - before;
  for (const each of regions) {
    const turned = editor.regionUtil(each.kind).rotate?.(each, angle);
    if (turned) change(editor, turned, 'Rotate region');
  }
}

/** Drags the extent of regions. */
export function resizeTool(): EditorTool {
  return dragTool({ id: 'resize', label: 'Resize', hotkey: 's', cursor: 'nwse-resize' }, resizeBy);
}

/** Turns regions by a drag about their center; Enter turns them by 15°. */
export function rotateTool(): EditorTool {
  return {
    ...dragTool({ id: 'rotate', label: 'Rotate', hotkey: 't', cursor: 'alias' }, rotateBy),
    onKeyDown(key, editor) {
      if (key !== 'Enter') return false;
      editor.transaction('Rotate region', () => editor.getState().selection.forEach((id) => rotateRegion(editor, id, ANGLE_STEP)));
      return true;
    },
  };
}

/** Drags up to strengthen regions, down to fade them until the object is gone (Fig. 11). */
export function fadeTool(): EditorTool {
  return dragTool({ id: 'fade', label: 'Fade', hotkey: 'f', cursor: 'ns-resize' }, ({ start, regions }, { point }, editor) => {
    for (const { id, weight } of regions) {
      const faded = clamp(weight + (start.y - point.y) * 2, 0, 1);
      editor.dispatch({ type: 'updateRegion', id, patch: { weight: faded } }, { transaction: DRAG, label: 'Fade region' });
    }
  });
}
