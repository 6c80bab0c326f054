import type { EditorCommand } from './commands.js';
import type { Editor } from './editor.js';
import type { EditorPlugin } from './tool.js';

/** Keeps edits away from locked regions; of several, the others go on. */
export const lockPlugin: EditorPlugin = {
  name: 'lock',
  filterCommand(command, editor): EditorCommand | null {
    const { locked } = editor.getState().document;
    if (locked.length === 0 || command.type === 'setLocked') return command;
    if (command.type === 'moveRegions') {
      const ids = command.ids.filter((id) => !locked.includes(id));
      return ids.length === 0 ? null : ids.length === command.ids.length ? command : { ...command, ids };
    }
    return 'id' in command && locked.includes(command.id) ? null : command;
  },
};

/**
 * Whether a level (default: the active one) has room for another region.
 *
 * A level takes no more regions than the model was trained with; that is how many the original layout has there.
 */
export function canAddRegion(editor: Editor, level = editor.getState().activeLevel): boolean {
  const { layout, document, readOnly } = editor.getState();
  const { maxRegions } = editor.runtime.info;
  const trained = document.originalLayout.levels[level]?.regions.length || maxRegions;
  return !readOnly && (layout.levels[level]?.regions.length ?? Infinity) < Math.min(trained, maxRegions);
}

/** Refuses regions that the model has no place for. */
export const capacityPlugin: EditorPlugin = {
  name: 'capacity',
  filterCommand: (command, editor) => (command.type !== 'addRegion' || !editor.getState().layout.levels[command.level] || canAddRegion(editor, command.level) ? command : null),
};
