import { findRegion, type Point } from '@spatialgan/schema';
import type { Editor } from '../editor.js';
import type { EditorPointerEvent, EditorTool, OverlayContext } from '../tool.js';
import { DRAG, dragTool, type Grip } from './drag.js';
import { createMarquee } from './marquee.js';
import { resizeBy, rotateBy } from './shapeTools.js';
import { snapPoint, type Snapped } from './snapping.js';

/** How far outside the image a center may be dragged, in image sides. */
const MARGIN = 0.25;
const inReach = (value: number): number => Math.min(Math.max(value, -MARGIN), 1 + MARGIN);

function moveBy({ start, region, regions }: Grip, { point, altKey }: EditorPointerEvent, editor: Editor): Snapped {
  const ids = regions.map(({ id }) => id);
  const free = { x: inReach(region.center.x + point.x - start.x), y: inReach(region.center.y + point.y - start.y) };
  const snapped = snapPoint(editor, free, ids);
  const to = snapped.point;
  const now = findRegion(editor.getState().layout, region.id)?.center ?? region.center;
  if (altKey) {
    for (const { id, center } of regions) {
      const own = { x: center.x + to.x - region.center.x, y: center.y + to.y - region.center.y };
      editor.dispatch({ type: 'updateRegion', id, patch: { center: own } }, { transaction: DRAG, label: 'Move region alone' });
    }
  } else if (ids.length > 1) editor.dispatch({ type: 'moveRegions', ids, by: { x: to.x - now.x, y: to.y - now.y } }, { transaction: DRAG });
  else editor.dispatch({ type: 'moveRegion', id: region.id, to }, { transaction: DRAG });
  return snapped;
}

function drawLine({ canvas, toPixels }: OverlayContext, from: Point, to: Point): void {
  const [a, b] = [toPixels(from), toPixels(to)];
  canvas.strokeStyle = '#ff4fd8';
  canvas.lineWidth = 1.5;
  canvas.beginPath();
  canvas.moveTo(a.x, a.y);
  canvas.lineTo(b.x, b.y);
  canvas.stroke();
}

/** Drags regions with their children (§3.2), with Alt alone; grips change the shape; from an empty place, a rectangle selects. */
export function moveTool(): EditorTool {
  const guides = new WeakMap<Editor, Snapped>();
  const marquee = createMarquee();
  const tool = dragTool({ id: 'move', label: 'Move', hotkey: 'v', cursor: 'grab' }, (grip, event, editor) => {
    if (grip.handle === 'rotate') rotateBy(grip, event, editor);
    else if (grip.handle && grip.handle !== 'center') resizeBy(grip, event, editor);
    else guides.set(editor, moveBy(grip, event, editor));
  });
  const done = (editor: Editor): void => {
    guides.delete(editor);
    marquee.close(editor);
  };
  return {
    ...tool,
    onPointerDown(event: EditorPointerEvent, editor) {
      if (event.region) tool.onPointerDown(event, editor);
      else marquee.open(event, editor);
    },
    onPointerMove: (event, editor) => (marquee.isOpen(editor) ? marquee.stretch : tool.onPointerMove)(event, editor),
    onPointerUp(event, editor) {
      tool.onPointerUp(event, editor);
      done(editor);
    },
    onCancel(editor) {
      tool.onCancel(editor);
      done(editor);
    },
    drawOverlay(overlay, editor) {
      marquee.draw(overlay, editor);
      const { x, y } = guides.get(editor) ?? {};
      if (x !== undefined) drawLine(overlay, { x, y: 0 }, { x, y: 1 });
      if (y !== undefined) drawLine(overlay, { x: 0, y }, { x: 1, y });
    },
  };
}

/** Selects without moving anything: a press picks a center, a drag from anywhere draws a rectangle. */
export function selectTool(): EditorTool {
  const marquee = createMarquee();
  return {
    id: 'select', label: 'Select', hotkey: 'q', cursor: 'crosshair',
    onPointerDown(event, editor) {
      const { region, shiftKey, handle } = event;
      if (!region || !handle) return marquee.open(event, editor);
      const { selection } = editor.getState();
      const others = selection.filter((id) => id !== region.id);
      editor.select(!shiftKey ? [region.id] : others.length < selection.length ? others : [...selection, region.id]);
    },
    onPointerMove: marquee.stretch,
    onPointerUp: (_event, editor) => marquee.close(editor),
    onCancel: (editor) => marquee.close(editor),
    drawOverlay: marquee.draw,
  };
}
