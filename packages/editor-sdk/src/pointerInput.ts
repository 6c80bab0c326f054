import type { Editor } from './editor.js';
import type { EditorPointerEvent, EditorTool } from './tool.js';

/** Routes pointers and keys to the current tool. */
export function createPointerInput(self: () => Editor): Pick<Editor, 'pointer' | 'key'> {
  const current = (): EditorTool | undefined => {
    const { toolId } = self().getState();
    return self().tools().find((tool) => tool.id === toolId);
  };
  return {
    pointer(phase, input) {
      const editor = self();
      const tool = current();
      const event: EditorPointerEvent = {
        buttons: phase === 'up' ? 0 : 1, shiftKey: false, altKey: false,
        ...input, region: 'region' in input ? input.region : editor.regionAt(input.point),
      };
      if (phase === 'down') editor.endTransaction();
      if (phase === 'down') tool?.onPointerDown?.(event, editor);
      if (phase === 'move') tool?.onPointerMove?.(event, editor);
      if (phase === 'up') tool?.onPointerUp?.(event, editor);
      if (phase === 'cancel') tool?.onCancel?.(editor);
      if (phase === 'up') editor.endTransaction();
      if (phase === 'cancel') editor.cancelTransaction();
    },
    key(key) {
      const editor = self();
      const chosen = editor.tools().find((tool) => tool.hotkey === key.toLowerCase());
      if (!chosen) return current()?.onKeyDown?.(key, editor) === true;
      editor.setTool(chosen.id);
      return true;
    },
  };
}
