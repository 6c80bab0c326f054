import type { Editor } from '../editor.js';
import type { EditorTool } from '../tool.js';
import { addRegionAt, duplicateRegions, removeRegions, restyleRegions, toggleLock } from './regionActions.js';

/** A tool that acts on what is pressed, or, on Enter, on the selection. */
function pressTool(tool: EditorTool, act: (editor: Editor, ids: readonly string[]) => void): EditorTool {
  return {
    ...tool,
    onPointerDown({ region }, editor) {
      if (!region) return;
      if (!editor.getState().selection.includes(region.id)) editor.select([region.id]);
      act(editor, editor.getState().selection);
    },
    onKeyDown(key, editor) {
      const { selection } = editor.getState();
      if (key !== 'Enter' || selection.length === 0) return false;
      act(editor, selection);
      return true;
    },
  };
}

/** Takes the pressed region out. */
export function removeTool(): EditorTool {
  return pressTool({ id: 'remove', label: 'Remove', hotkey: 'x', cursor: 'not-allowed' }, removeRegions);
}

/** Locks the pressed region against edits, or unlocks it. */
export function lockTool(): EditorTool {
  return pressTool({ id: 'lock', label: 'Lock', hotkey: 'l', cursor: 'pointer' }, toggleLock);
}

/** Puts a copy beside the pressed region. */
export function duplicateTool(): EditorTool {
  return pressTool({ id: 'duplicate', label: 'Duplicate', hotkey: 'd', cursor: 'copy' }, duplicateRegions);
}

/** Gives the pressed region another appearance; for models whose regions have one (SEL_indoor). */
export function restyleTool(): EditorTool {
  const tool: EditorTool = { id: 'restyle', label: 'Restyle', hotkey: 'r', cursor: 'pointer', isAvailable: ({ info }) => info.regionStyles };
  return pressTool(tool, (editor, ids) => restyleRegions(editor, ids));
}

/** Places a region of the active level where the pointer presses, or, on Enter, in the middle. */
export function addTool(): EditorTool {
  return {
    id: 'add', label: 'Add', hotkey: 'a', cursor: 'crosshair',
    onPointerDown: ({ point }, editor) => void addRegionAt(editor, point),
    onKeyDown(key, editor) {
      if (key === 'Enter') addRegionAt(editor, { x: 0.5, y: 0.5 });
      return key === 'Enter';
    },
  };
}
