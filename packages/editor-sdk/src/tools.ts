import { findRegion, levelOf, type GaussianRegion, type HeatmapLayout, type Point, type Region } from '@spatialgan/schema';
import type { Editor } from './editor.js';
import type { EditorPointerEvent, EditorTool } from './tool.js';

const TRANSACTION = 'drag';
/** How far outside the image a center may be dragged, in image sides. */
const MARGIN = 0.25;
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
const inReach = (value: number): number => clamp(value, -MARGIN, 1 + MARGIN);

interface Grip {
  readonly start: Point;
  readonly region: Region;
}
/** One drag of one editor. Keyed by editor so that editors can share the tool objects. */
function createGrips() {
  const grips = new WeakMap<Editor, Grip>();
  return {
    take({ point, region }: EditorPointerEvent, editor: Editor): void {
      editor.select(region ? [region.id] : []);
      if (region) grips.set(editor, { start: point, region });
      else grips.delete(editor);
    },
    of: (editor: Editor) => grips.get(editor),
    release: (editor: Editor): boolean => grips.delete(editor),
  };
}

function dragTool(
  tool: Pick<EditorTool, 'id' | 'label' | 'hotkey' | 'cursor'>,
  drag: (grip: Grip, event: EditorPointerEvent, editor: Editor) => void,
): EditorTool {
  const grips = createGrips();
  return {
    ...tool,
    onPointerDown: grips.take,
    onPointerMove(event, editor) {
      const grip = grips.of(editor);
      if (grip && event.buttons && findRegion(editor.getState().layout, grip.region.id)) drag(grip, event, editor);
    },
    onPointerUp: (_event, editor) => void grips.release(editor),
    onCancel: (editor) => void grips.release(editor),
  };
}

/** Scales a region so that the pressed point of its outline follows the pointer; Shift scales x and y apart. */
function resizeBy({ start, region }: Grip, { point, shiftKey }: EditorPointerEvent, editor: Editor): void {
  const { center } = region;
  const ratio = (a: number, b: number): number => Math.max(Math.abs(a), 0.01) / Math.max(Math.abs(b), 0.01);
  const whole = ratio(Math.hypot(point.x - center.x, point.y - center.y), Math.hypot(start.x - center.x, start.y - center.y));
  const factor = shiftKey
    ? { x: ratio(point.x - center.x, start.x - center.x), y: ratio(point.y - center.y, start.y - center.y) }
    : { x: whole, y: whole };
  const { id, kind: _kind, center: _center, parentId: _parent, ...patch } = editor.regionUtil(region.kind).resize(region, factor);
  editor.dispatch({ type: 'updateRegion', id, patch }, { transaction: TRANSACTION, label: 'Resize region' });
}

function moveBy({ start, region }: Grip, { point, altKey }: EditorPointerEvent, editor: Editor): void {
  const to = { x: inReach(region.center.x + point.x - start.x), y: inReach(region.center.y + point.y - start.y) };
  const { id } = region;
  if (altKey) editor.dispatch({ type: 'updateRegion', id, patch: { center: to } }, { transaction: TRANSACTION, label: 'Move region alone' });
  else editor.dispatch({ type: 'moveRegion', id, to }, { transaction: TRANSACTION });
}

/** Drags a region with its children (§3.2), with Alt alone; the grip on its outline resizes it. */
export function moveTool(): EditorTool {
  const sizing = new WeakSet<Editor>();
  const tool = dragTool({ id: 'move', label: 'Move', hotkey: 'v', cursor: 'grab' }, (grip, event, editor) =>
    (sizing.has(editor) ? resizeBy : moveBy)(grip, event, editor),
  );
  return {
    ...tool,
    onPointerDown(event, editor) {
      if (event.handle === 'size') sizing.add(editor);
      else sizing.delete(editor);
      tool.onPointerDown?.(event, editor);
    },
  };
}

/** Drags the extent of a region. */
export function resizeTool(): EditorTool {
  return dragTool({ id: 'resize', label: 'Resize', hotkey: 's', cursor: 'nwse-resize' }, resizeBy);
}

/** Drags up to strengthen a region, down to fade it until the object is gone (Fig. 11). */
export function fadeTool(): EditorTool {
  return dragTool({ id: 'fade', label: 'Fade', hotkey: 'f', cursor: 'ns-resize' }, ({ start, region }, { point }, editor) => {
    const weight = clamp(region.weight + (start.y - point.y) * 2, 0, 1);
    editor.dispatch({ type: 'updateRegion', id: region.id, patch: { weight } }, { transaction: TRANSACTION, label: 'Fade region' });
  });
}

/** Takes the pressed region out. */
export function removeTool(): EditorTool {
  return {
    id: 'remove', label: 'Remove', hotkey: 'x', cursor: 'not-allowed',
    onPointerDown({ region }, editor) {
      if (region) editor.dispatch({ type: 'removeRegion', id: region.id });
    },
  };
}

/** Places a region of the active level where the pointer presses. */
export function addTool(): EditorTool {
  return {
    id: 'add', label: 'Add', hotkey: 'a', cursor: 'crosshair',
    onPointerDown: ({ point }, editor) => void addRegionAt(editor, point),
  };
}

/**
 * Whether the active level has room for another region.
 *
 * A level takes no more regions than the model was trained with; that is how many the original layout has there.
 */
export function canAddRegion(editor: Editor): boolean {
  const { layout, document, activeLevel, readOnly } = editor.getState();
  const { maxRegions } = editor.runtime.info;
  const trained = document.originalLayout.levels[activeLevel]?.regions.length || maxRegions;
  return !readOnly && (layout.levels[activeLevel]?.regions.length ?? Infinity) < Math.min(trained, maxRegions);
}

/** Adds and selects a region at a point of the active level; false when the level is full. */
export function addRegionAt(editor: Editor, center: Point): boolean {
  if (!canAddRegion(editor)) return false;
  const { layout, activeLevel } = editor.getState();
  const region = newRegion(layout, activeLevel, center);
  editor.dispatch({ type: 'addRegion', level: activeLevel, region });
  editor.select([region.id]);
  return levelOf(editor.getState().layout, region.id) >= 0;
}

function newRegion(layout: HeatmapLayout, level: number, center: Point): GaussianRegion {
  const gaussians = (layout.levels[level]?.regions ?? []).filter((region) => region.kind === 'gaussian');
  const distance = ({ center: { x, y } }: Region): number => Math.hypot(x - center.x, y - center.y);
  const parent = level > 0 ? [...(layout.levels[0]?.regions ?? [])].sort((a, b) => distance(a) - distance(b))[0] : undefined;
  let number = 1;
  while (findRegion(layout, `new${number}`)) number += 1;
  return {
    kind: 'gaussian', id: `new${number}`, center: { x: center.x, y: center.y }, weight: 1,
    covariance: gaussians[0]?.covariance ?? [0.02, 0, 0.02],
    ...(parent && { parentId: parent.id }),
  };
}
