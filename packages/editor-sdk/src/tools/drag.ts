import { findRegion, type Point, type Region } from '@spatialgan/schema';
import type { Editor } from '../editor.js';
import type { EditorPointerEvent, EditorTool, RegionHandle } from '../tool.js';

/** Name of the transaction of a drag; pointer-up ends it. */
export const DRAG = 'drag';

/** One drag: where it began, and what it holds, as it was then. */
export interface Grip {
  readonly start: Point;
  /** The pressed region. */
  readonly region: Region;
  /** It and the others of the selection. */
  readonly regions: readonly Region[];
  readonly handle: RegionHandle | undefined;
}
type Drag = (grip: Grip, event: EditorPointerEvent, editor: Editor) => void;
type PointerHooks = 'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onCancel';
export type DragTool = EditorTool & Required<Pick<EditorTool, PointerHooks>>;

/** Selects what is pressed: alone, with Shift in addition or no more; one of several keeps them all. */
function pick({ region, shiftKey, handle = 'center' }: EditorPointerEvent, editor: Editor): void {
  const { selection } = editor.getState();
  const toggles = shiftKey && handle === 'center';
  if (!region) {
    if (!shiftKey) editor.select([]);
  } else if (!selection.includes(region.id)) editor.select(toggles ? [...selection, region.id] : [region.id]);
  else if (toggles && selection.length > 1) editor.select(selection.filter((id) => id !== region.id));
}

/** A tool whose drag acts on the selection. Keyed by editor so that editors can share the tool objects. */
export function dragTool(tool: Omit<EditorTool, PointerHooks>, drag: Drag): DragTool {
  const grips = new WeakMap<Editor, Grip & { moved: boolean; readonly narrows: boolean }>();
  return {
    ...tool,
    onPointerDown(event, editor) {
      const wasSelected = event.region !== undefined && editor.getState().selection.includes(event.region.id);
      pick(event, editor);
      grips.delete(editor);
      const { layout, selection } = editor.getState();
      if (!event.region || !selection.includes(event.region.id)) return;
      const regions = selection.flatMap((id) => findRegion(layout, id) ?? []);
      const narrows = wasSelected && !event.shiftKey;
      grips.set(editor, { start: event.point, region: event.region, regions, handle: event.handle, moved: false, narrows });
    },
    onPointerMove(event, editor) {
      const grip = grips.get(editor);
      if (!grip || !event.buttons || !findRegion(editor.getState().layout, grip.region.id)) return;
      grip.moved = true;
      drag(grip, event, editor);
    },
    onPointerUp(_event, editor) {
      const grip = grips.get(editor);
      if (grip?.narrows && !grip.moved) editor.select([grip.region.id]);
      grips.delete(editor);
    },
    onCancel: (editor) => void grips.delete(editor),
  };
}
